import createClient from "openapi-fetch";

import type { components, paths } from "./schema";

export const api = createClient<paths>({ baseUrl: "/" });

type Schemas = components["schemas"];
export type Building = Schemas["BuildingView"];
export type Level = Schemas["LevelView"];
export type Place = Schemas["PlaceView"];
export type LiftShaft = Schemas["LiftShaftView"];
export type Lift = Schemas["LiftView"];
export type Ride = Schemas["RideView"];
export type DoorState = Schemas["DoorStateView"];
export type Way = Schemas["WayView"];
export type Path = Schemas["PathView"];
export type Task = Schemas["TaskView"];
export type Alarm = Schemas["AlarmView"];
export type Summary = Schemas["SummaryView"];
export type NewTask = Schemas["DeliveryRequest"] | Schemas["PatrolRequest"];
export type Work = Schemas["Work"];
export type Motion = Schemas["Motion"];

/** The one clear line of an error answer. */
export function reasonOf(error: unknown): string {
  if (error && typeof error === "object" && "detail" in error) return String(error.detail);
  return error instanceof Error ? error.message : String(error);
}
