const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Like `1.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${byteUnits[unit]}`;
}

/** Like `4 s`, `2 m 05 s`, `1 h 20 m`. Never negative: clocks of two machines differ. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`;
}

/** How long something will still take, no finer than a guess is: `a few seconds left`, `about 40 s left`, `about 2 min left`, `about 3 h left`. */
export function formatLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds <= 5) return 'a few seconds left';
  if (seconds <= 55) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${Math.max(1, minutes)} min left`;
  if (minutes < 600 && minutes % 60 >= 5)
    return `about ${Math.floor(minutes / 60)} h ${Math.floor((minutes % 60) / 5) * 5} min left`;
  return `about ${Math.round(minutes / 60)} h left`;
}

/** The same for what is over, where tenths tell something: `0.4 s`. */
export function formatTook(ms: number): string {
  return ms < 9_950 ? `${(Math.max(0, ms) / 1_000).toFixed(1)} s` : formatDuration(ms);
}

/** A place in a film, like `0:04.5` or `1:02:03`. */
export function formatMoment(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const whole = Math.floor(tenths / 10);
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const clock = `${parts[0]}:${twoDigits(parts[1] ?? 0)}`;
  const long = whole >= 3_600 ? `${Math.floor(whole / 3_600)}:${clock.padStart(5, '0')}` : clock;
  return tenths % 10 === 0 ? long : `${long}.${tenths % 10}`;
}

/** How long ago, in one word for the eye: `now`, `5 s`, `3 m`, `2 h`, `4 d`. */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Time of day, in the reader's own manner. */
export function formatClock(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { timeStyle: 'medium' });
}

/** How a file compares with its source, like `82% smaller`. */
export function formatSaving(bytes: number, sourceBytes: number): string {
  if (sourceBytes <= 0) return '';
  const percent = Math.round((1 - bytes / sourceBytes) * 100);
  if (percent === 0) return 'same size';
  if (percent === 100) return 'over 99% smaller';
  return percent > 0 ? `${percent}% smaller` : `${-percent}% larger`;
}

/** The end of an id, where two jobs of the same moment differ. */
export function shortId(id: string): string {
  return id.slice(-8);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
