import type { JobMessage, Logger, Transport } from '@heavylift/core';

export interface Sent {
  readonly message: JobMessage;
  readonly delayMs: number;
}

/** A sender in memory whose failures a spec can order. */
export class Recorder implements Pick<Transport, 'send' | 'publish' | 'keeper'> {
  readonly sent: Sent[] = [];
  readonly published: string[] = [];
  tries = 0;
  inFlight = 0;
  mostInFlight = 0;
  /** Called for each send; throws or waits as it likes. */
  onSend: (message: JobMessage) => Promise<void> | void = () => {};

  constructor(public keeper = 'keeper-1') {}

  async send(message: JobMessage, options: { readonly delayMs?: number } = {}): Promise<void> {
    this.tries++;
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    try {
      await this.onSend(message);
      this.sent.push({ message, delayMs: options.delayMs ?? 0 });
    } finally {
      this.inFlight--;
    }
  }

  async publish(topic: string): Promise<void> {
    this.published.push(topic);
  }

  get ids(): string[] {
    return this.sent.map(({ message }) => message.id);
  }
}

/** Keeps what was said, by level. */
export class Lines implements Logger {
  readonly lines: { readonly level: string; readonly message: string }[] = [];

  info(message: string): void {
    this.lines.push({ level: 'info', message });
  }

  warn(message: string): void {
    this.lines.push({ level: 'warn', message });
  }

  error(message: string): void {
    this.lines.push({ level: 'error', message });
  }

  at(level: string): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}
