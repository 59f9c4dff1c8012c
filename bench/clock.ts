/** Milliseconds of the machine's monotonic clock: the same for all processes, and nothing sets it while they run. */
export const clock = (): number => Number(process.hrtime.bigint()) / 1e6;
