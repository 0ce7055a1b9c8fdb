import { useQuery } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";

import { api, reasonOf, type Building, type Summary } from "../api/client";
import type { LiveFeed } from "./feed";
import { robotsOf, type Robot } from "./robots";

export const FeedContext = createContext<LiveFeed | undefined>(undefined);

export function useFeed(): LiveFeed {
  const feed = useContext(FeedContext);
  if (!feed) throw new Error("no live feed around this component");
  return feed;
}

/** The newest summary; renders again once a second. */
export function useSummary(): Summary | undefined {
  const feed = useFeed();
  const subscribe = useCallback((tell: () => void) => feed.on("summary", tell), [feed]);
  return useSyncExternalStore(subscribe, () => feed.summary)?.value;
}

export function useConnected(): boolean {
  const feed = useFeed();
  const subscribe = useCallback((tell: () => void) => feed.on("connection", tell), [feed]);
  return useSyncExternalStore(subscribe, () => feed.connected);
}

/** All robots, once a second. */
export function useRobots(): Robot[] {
  const feed = useFeed();
  const tick = useTick(1000);
  return useMemo(() => robotsOf(feed), [feed, tick]);
}

/** A number that grows every periodMs. */
export function useTick(periodMs: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((value) => value + 1), periodMs);
    return () => clearInterval(timer);
  }, [periodMs]);
  return tick;
}

/** The building as drawn; asked for until it comes. */
export function useBuilding(): Building | undefined {
  const { data } = useQuery({
    queryKey: ["building"],
    queryFn: async () => {
      const { data, error } = await api.GET("/api/v1/building");
      if (!data) throw new Error(reasonOf(error));
      return data as Building;
    },
    staleTime: Infinity,
    retry: true,
    retryDelay: 2000,
  });
  return data;
}
