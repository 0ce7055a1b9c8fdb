/** The live connection: keeps the newest table, frames and summary, and connects again for ever. */

import type { Summary } from "../api/client";
import { readFrame, type Frame, type Table } from "./frame";

const RETRY_MS = [500, 1000, 2000, 5000];
const SILENT_MS = 4000;

export interface Received<T> {
  value: T;
  /** performance.now() of its arrival. */
  atMs: number;
}

type Topic = "summary" | "table" | "connection";

export class LiveFeed {
  table: Table | undefined;
  frame: Received<Frame> | undefined;
  previous: Received<Frame> | undefined;
  summary: Received<Summary> | undefined;
  connected = false;

  private socket: WebSocket | undefined;
  private level = "";
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setInterval> | undefined;
  private heardMs = 0;
  private readonly listeners: Record<Topic, Set<() => void>> = {
    summary: new Set(),
    table: new Set(),
    connection: new Set(),
  };

  constructor(private readonly url: string) {}

  start(): void {
    this.connect();
    this.watchdog = setInterval(() => this.watch(), 1000);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearInterval(this.watchdog);
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }

  /** Chooses the level whose paths the summaries have. */
  watchLevel(level: string): void {
    if (level === this.level) return;
    this.level = level;
    this.sendLevel();
  }

  on(topic: Topic, listener: () => void): () => void {
    this.listeners[topic].add(listener);
    return () => this.listeners[topic].delete(listener);
  }

  private connect(): void {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.heardMs = performance.now();
    socket.onopen = () => {
      this.failures = 0;
      this.sendLevel();
      this.setConnected(true);
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.take(event.data);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.setConnected(false);
      const waitMs = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] ?? 5000;
      this.timer = setTimeout(() => this.connect(), waitMs);
    };
  }

  private sendLevel(): void {
    if (this.level && this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ type: "watch", level: this.level }));
    }
  }

  /** A connection that says nothing is closed, so that it is made anew. */
  private watch(): void {
    if (this.socket && performance.now() - this.heardMs > SILENT_MS) this.socket.close();
  }

  private take(data: string | ArrayBuffer): void {
    this.heardMs = performance.now();
    if (data instanceof ArrayBuffer) {
      const frame = { value: readFrame(data), atMs: this.heardMs };
      this.previous = this.frame?.value.table === frame.value.table ? this.frame : undefined;
      this.frame = frame;
      return;
    }
    const message = JSON.parse(data) as Table | Summary;
    if (message.type === "table") {
      this.table = message as Table;
      this.tell("table");
    } else {
      this.summary = { value: message as Summary, atMs: this.heardMs };
      this.tell("summary");
    }
  }

  private setConnected(connected: boolean): void {
    if (this.connected === connected) return;
    this.connected = connected;
    this.tell("connection");
  }

  private tell(topic: Topic): void {
    for (const listener of this.listeners[topic]) listener();
  }
}
