/** Reads the binary frames of console/frames.py, version 1, without copying. */

const MAGIC = 0x31464342;
const HEADER_BYTES = 24;

export interface Frame {
  count: number;
  stampS: number;
  table: number;
  /** Age of the newest robots' states when the frame was made; negative: never heard. */
  ageS: number;
  x: Float32Array;
  y: Float32Array;
  yaw: Float32Array;
  speed: Float32Array;
  battery: Float32Array;
  poseAge: Float32Array;
  level: Int16Array;
  work: Uint8Array;
  motion: Uint8Array;
  connection: Uint8Array;
}

export interface Table {
  type: "table";
  table: number;
  levels: string[];
  names: string[];
  fleets: string[];
  radius_m: number[];
}

export const WORK = ["standby", "performing", "charging", "maintenance", "manual", "error", "e_stopped"] as const;
export const MOTION = ["stopped", "moving", "waiting"] as const;
export const CONNECTION = ["normal", "lost"] as const;

/** Throws where the bytes are no frame of this version. */
export function readFrame(bytes: ArrayBuffer): Frame {
  const view = new DataView(bytes);
  if (bytes.byteLength < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw new Error("unknown frame");
  const n = view.getUint32(4, true);
  let offset = HEADER_BYTES;
  const floats = () => new Float32Array(bytes, (offset += 4 * n) - 4 * n, n);
  const flags = () => new Uint8Array(bytes, (offset += n) - n, n);
  const [x, y, yaw, speed, battery, poseAge] = [floats(), floats(), floats(), floats(), floats(), floats()];
  const level = new Int16Array(bytes, (offset += 2 * n) - 2 * n, n);
  return {
    count: n,
    stampS: view.getFloat64(8, true),
    table: view.getUint32(16, true),
    ageS: view.getFloat32(20, true),
    x,
    y,
    yaw,
    speed,
    battery,
    poseAge,
    level,
    work: flags(),
    motion: flags(),
    connection: flags(),
  };
}
