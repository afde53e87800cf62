/** The mark: a tower and its light. */
export function Lighthouse({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 26 26" aria-hidden>
      <path d="M13 6 26 1.500v9z" fill="var(--hd-lamp)" opacity=".3" />
      <path d="M13 6 0 1.500v9z" fill="var(--hd-lamp)" opacity=".14" />
      <path d="M10.100 9.500h5.800l2 15H8.100z" fill="var(--hd-text)" />
      <path d="M9.350 14.700h7.300l.6 4.300H8.750z" fill="var(--hd-panel)" />
      <circle cx="13" cy="6.200" r="2.700" fill="var(--hd-lamp)" />
    </svg>
  );
}
