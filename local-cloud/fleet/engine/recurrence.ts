/**
 * When a recurring schedule is due: five fields as crontab(5) has them, in a time zone. Auto Scaling takes no seconds, no
 * names of months or days beyond crontab's, and no `@daily`.
 */

/** The values that a field allows. */
type Field = ReadonlySet<number>;

/** A schedule that was read. */
export interface Recurrence {
  minute: Field;
  hour: Field;
  dayOfMonth: Field;
  month: Field;
  dayOfWeek: Field;
  /** Where both kinds of day are restricted, either is enough. */
  eitherDay: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of each month, in a leap year. */
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** 29 February comes at least so often. */
const FURTHEST = 9 * 366 * 24 * HOUR;

interface Range {
  least: number;
  most: number;
  /** Names for numbers, from `least` on. */
  names?: readonly string[];
}

function valueOf(text: string, { least, most, names = [] }: Range): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + least : /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function fieldOf(text: string, range: Range): Field | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [span = '', every = '1', ...more] = part.split('/');
    const [from = '', to, ...rest] =
      span === '*' ? [String(range.least), String(range.most)] : span.split('-');
    const first = valueOf(from, range);
    const last = to === undefined ? (part.includes('/') ? range.most : first) : valueOf(to, range);
    const step = Number(every);
    if (first === undefined || last === undefined || more.length + rest.length > 0) return undefined;
    if (!(Number.isInteger(step) && step > 0) || last < first) return undefined;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

/** @returns undefined when the text is no schedule */
export function parseRecurrence(text: string): Recurrence | undefined {
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', ...more] = text.trim().split(/\s+/);
  const minute = fieldOf(minutes, { least: 0, most: 59 });
  const hour = fieldOf(hours, { least: 0, most: 23 });
  const dayOfMonth = fieldOf(days, { least: 1, most: 31 });
  const month = fieldOf(months, { least: 1, most: 12, names: MONTHS });
  const named = fieldOf(weekdays, { least: 0, most: 7, names: DAYS });
  if (!minute || !hour || !dayOfMonth || !month || !named || more.length > 0) return undefined;
  // Sunday is 0 and 7.
  const dayOfWeek = new Set([...named].map((day) => day % 7));
  const eitherDay = !days.startsWith('*') && !weekdays.startsWith('*');
  return { minute, hour, dayOfMonth, month, dayOfWeek, eitherDay };
}

/** Whether there is such a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format() !== '';
  } catch {
    return false;
  }
}

/** Whether a day comes at all: 30 February does not. */
function comes({ month, dayOfMonth, eitherDay }: Recurrence): boolean {
  if (eitherDay) return true;
  const first = Math.min(...dayOfMonth);
  return [...month].some((each) => first <= (LONGEST_MONTHS[each - 1] ?? 0));
}

/** What clocks show in a time zone. */
function clockOf(
  timeZone: string,
): (at: number) => { minute: number; hour: number; day: number; month: number; weekday: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', weekday: 'short', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric' },
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      ...{ minute: Number(parts.minute), hour: Number(parts.hour), day: Number(parts.day) },
      ...{ month: Number(parts.month), weekday: DAYS.indexOf((parts.weekday ?? '').toLowerCase()) },
    };
  };
}

/**
 * The first time after a moment at which a schedule is due; undefined when it never is (30 February).
 * @param after milliseconds since the epoch
 */
export function nextOccurrence(recurrence: Recurrence, timeZone: string, after: number): number | undefined {
  if (!comes(recurrence)) return undefined;
  const read = clockOf(timeZone);
  const isDay = (day: number, weekday: number): boolean => {
    const ofMonth = recurrence.dayOfMonth.has(day);
    const ofWeek = recurrence.dayOfWeek.has(weekday);
    return recurrence.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
  };
  let at = Math.floor(after / MINUTE) * MINUTE + MINUTE;
  while (at < after + FURTHEST) {
    const { minute, hour, day, month, weekday } = read(at);
    const inHour = recurrence.month.has(month) && isDay(day, weekday) && recurrence.hour.has(hour);
    if (inHour && recurrence.minute.has(minute)) return at;
    // Offsets from UTC are whole quarters of an hour at the least: from one to the next nothing is missed.
    at = inHour ? at + MINUTE : Math.floor(at / (15 * MINUTE)) * 15 * MINUTE + 15 * MINUTE;
  }
  return undefined;
}
