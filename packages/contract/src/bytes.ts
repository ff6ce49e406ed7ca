const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes as people read them, `3.4 MB`: thousands, as registries and Docker count. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1_000, unit + 1]
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`
}
