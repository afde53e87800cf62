/**
 * The Vietnamese lunar calendar: months begin on the day of the new moon at 105° E, the eleventh holds the winter
 * solstice, and of thirteen months between two solstices the first without a principal term is the leap month.
 * New moons and the sun's longitude after Meeus, Astronomical Algorithms, chapters 49 and 25: good to a few minutes
 * for 1900 to 2100, which decides the day except where the moon is new within minutes of midnight.
 */
const ZONE_H = 7;
const SYNODIC = 29.530588861;
const DEG = Math.PI / 180;

/** A day of the Gregorian calendar. */
export type Day = `${number}-${string}-${string}`;

/** Days since 1970-01-01 of a day. */
const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
const dayOf = (number: number): Day => new Date(number * 86_400_000).toISOString().slice(0, 10) as Day;

/** Number of the local day on which new moon `k` falls; k = 0 is that of 6 January 2000. */
function newMoonDay(k: number): number {
  const t = k / 1236.85;
  const jde =
    2451550.09766 + SYNODIC * k + 0.00015437 * t ** 2 - 0.00000015 * t ** 3 + 0.00000000073 * t ** 4;
  const sun = (2.5534 + 29.1053567 * k - 0.0000014 * t ** 2) * DEG;
  const moon = (201.5643 + 385.81693528 * k + 0.0107582 * t ** 2 + 0.00001238 * t ** 3) * DEG;
  const latitude = (160.7108 + 390.67050284 * k - 0.0016118 * t ** 2) * DEG;
  const node = (124.7746 - 1.56375588 * k + 0.0020672 * t ** 2) * DEG;
  const e = 1 - 0.002516 * t - 0.0000074 * t ** 2;
  const correction =
    -0.4072 * Math.sin(moon) +
    0.17241 * e * Math.sin(sun) +
    0.01608 * Math.sin(2 * moon) +
    0.01039 * Math.sin(2 * latitude) +
    0.00739 * e * Math.sin(moon - sun) -
    0.00514 * e * Math.sin(moon + sun) +
    0.00208 * e * e * Math.sin(2 * sun) -
    0.00111 * Math.sin(moon - 2 * latitude) -
    0.00057 * Math.sin(moon + 2 * latitude) +
    0.00056 * e * Math.sin(2 * moon + sun) -
    0.00042 * Math.sin(3 * moon) +
    0.00042 * e * Math.sin(sun + 2 * latitude) +
    0.00038 * e * Math.sin(sun - 2 * latitude) -
    0.00024 * e * Math.sin(2 * moon - sun) -
    0.00017 * Math.sin(node);
  return localDay(jde + correction - deltaTDays(2000 + k / 12.3685));
}

/** Terrestrial minus universal time in days, by Espenak and Meeus for our century. */
function deltaTDays(year: number): number {
  const t = year - 2000;
  return (62.92 + 0.32217 * t + 0.005589 * t * t) / 86_400;
}

function localDay(jd: number): number {
  return Math.floor(jd - 2440587.5 + ZONE_H / 24);
}

/** Which of the twelve principal terms (30° each, 0 = spring equinox) the sun has reached at local midnight of a day. */
function termAt(day: number): number {
  const t = (day - ZONE_H / 24 + 2440587.5 - 2451545) / 36_525;
  const anomaly = (357.52911 + 35999.05029 * t) * DEG;
  const centre =
    (1.914602 - 0.004817 * t) * Math.sin(anomaly) +
    (0.019993 - 0.000101 * t) * Math.sin(2 * anomaly) +
    0.000289 * Math.sin(3 * anomaly);
  const node = (125.04 - 1934.136 * t) * DEG;
  const longitude = 280.46646 + 36000.76983 * t + centre - 0.00569 - 0.00478 * Math.sin(node);
  return Math.floor((((longitude % 360) + 360) % 360) / 30);
}

/** k of the month that holds the winter solstice of a year: the eleventh month. */
function eleventh(year: number): number {
  let k = Math.round((year + 0.97 - 2000) * 12.3685);
  const solstice = dayNumber(`${year}-12-23`);
  while (newMoonDay(k) > solstice) k -= 1;
  while (newMoonDay(k + 1) <= solstice) k += 1;
  // Where the sun stands at the month's beginning: once it has passed the solstice, the month before holds it.
  return termAt(newMoonDay(k)) >= 9 ? k - 1 : k;
}

/** The Gregorian day of a lunar one; `month` 1 to 12 is never the leap month. */
export function lunarDay(lunarYear: number, month: number, day: number): Day {
  // Months 11 and 12 belong to the end of the year; the others are counted from last year's eleventh.
  const start = eleventh(month >= 11 ? lunarYear : lunarYear - 1);
  let offset = month >= 11 ? month - 11 : month + 1;
  const next = eleventh(month >= 11 ? lunarYear + 1 : lunarYear);
  if (next - start === 13) {
    let leap = 1;
    while (leap < 13 && termAt(newMoonDay(start + leap)) !== termAt(newMoonDay(start + leap + 1))) leap += 1;
    if (offset >= leap) offset += 1;
  }
  return dayOf(newMoonDay(start + offset) + day - 1);
}
