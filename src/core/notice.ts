/** Something to tell, and how loudly. */
export interface Notice {
  level: 'info' | 'warning';
  text: string;
}
