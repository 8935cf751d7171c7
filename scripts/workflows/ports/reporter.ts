/** What the person at the terminal sees while work goes on. */
export interface Reporter {
  step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  info(text: string): void;
  warn(text: string): void;
}
