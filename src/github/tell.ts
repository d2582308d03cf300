/** How GitHub's side says something in the log. */
export type Tell = Record<'info' | 'warning' | 'debug', (text: string) => void>;
