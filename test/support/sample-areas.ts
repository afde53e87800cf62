/** A made-up province of two communes side by side, 1° each, far from every real area: `99` with `99001`, `99002`. */
export const SAMPLE_AREAS = {
  type: 'FeatureCollection',
  features: [area('99', 'Mẫu', 110, 112), area('99001', 'Tây', 110, 111), area('99002', 'Đông', 111, 112)],
};
export const IN_WEST: [number, number] = [110.5, 10.5];
export const IN_EAST: [number, number] = [111.5, 10.5];
export const OUTSIDE: [number, number] = [115, 10.5];

function area(code: string, name: string, west: number, east: number) {
  const ring = [
    [west, 10],
    [east, 10],
    [east, 11],
    [west, 11],
    [west, 10],
  ];
  return {
    type: 'Feature',
    properties: { code, name, fullName: code === '99' ? `Tỉnh ${name}` : `Xã ${name}` },
    geometry: { type: 'Polygon', coordinates: [ring] },
  };
}
