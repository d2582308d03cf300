/**
 * A length of time as a person says it, in at most two units: "4.2 s", "45 s", "3 min 12 s", "2 h 10 min", "3 days".
 *
 * @param seconds any number of seconds; tenths are shown below ten seconds, what is negative counts as 0
 */
export function duration(seconds: number): string {
  const tenths = Math.max(0, Math.round(seconds * 10));
  if (tenths < 100) return `${tenths / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return twoUnits(whole, 60, ['min', 's']);
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return twoUnits(minutes, 60, ['h', 'min']);
  return `${Math.floor(minutes / (24 * 60))} days`;
}

function twoUnits(count: number, size: number, [large, small]: [string, string]): string {
  const rest = count % size;
  return `${Math.floor(count / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** Time since a start as a clock shows it, in whole seconds: "1:07", "1:02:07". For the left edge of the log. */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
