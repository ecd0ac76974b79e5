/** Why a run waits; the first of several is the one that is named. */
export const signalNames = [
  'blocked-sessions',
  'replica-lag',
  'lock-waiters',
  'wal-backlog',
  'long-transaction',
] as const
export type SignalName = (typeof signalNames)[number]

/** For each signal how much is borne; null: it is not asked for. */
export type ThrottleLimits = Readonly<Record<SignalName, number | null>>

export const DEFAULT_THROTTLE: ThrottleLimits = {
  'blocked-sessions': 0,
  'replica-lag': 5,
  'lock-waiters': 3,
  'wal-backlog': 1024 ** 3,
  'long-transaction': 600,
}

/** One thing that a server under pressure shows. */
export interface Signal {
  /** What its value counts in. */
  readonly unit: 'sessions' | 'seconds' | 'bytes'
  /** What is measured, as people read it. */
  readonly what: string
  /**
   * A query of one row: `value`, null where this role may not see it, and `detail`, which names what is at fault. `$pid`
   * stands for the process of the server that the run writes by.
   */
  readonly sql: string
}

const OWN = `'landfall backfill%'`

/**
 * Only what a role without privileges may ask. What it may not see of others (`pg_read_all_stats`) is null, never 0.
 */
export const signals: Readonly<Record<SignalName, Signal>> = {
  'blocked-sessions': {
    unit: 'sessions',
    what: 'sessions wait for the run',
    sql: `
      select count(distinct l.pid) as value, 'pid ' || string_agg(distinct l.pid::text, ', ') as detail
      from pg_locks l left join pg_stat_activity a on a.pid = l.pid
      where not l.granted and $pid = any(pg_blocking_pids(l.pid)) and coalesce(a.application_name, '') not like ${OWN}`,
  },
  'replica-lag': {
    unit: 'seconds',
    what: 'replica lag',
    // What a replica has not replayed yet is timed in LagClock: `replay_lag` stands still while a replica does.
    sql: `
      select case when bool_or(state is null) then null else
          coalesce(max(extract(epoch from replay_lag)) filter (where pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > 0), 0) end as value,
        (array_agg(application_name order by replay_lsn))[1] as detail,
        pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as written, pg_wal_lsn_diff(min(replay_lsn), '0/0')::text as replayed
      from pg_stat_replication where state is null or state in ('streaming', 'catchup')`,
  },
  'lock-waiters': {
    unit: 'sessions',
    what: 'sessions wait for locks',
    sql: `
      select count(distinct l.pid) as value, null as detail
      from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where not l.granted and a.datname = current_database() and a.application_name not like ${OWN}`,
  },
  'wal-backlog': {
    unit: 'bytes',
    what: 'WAL that waits for the archive or a replication slot',
    sql: `
      select case when waiting.never then null else greatest(waiting.bytes, slot.bytes) end as value,
        case when slot.bytes > waiting.bytes then 'slot ' || slot.slot_name else 'archive' end as detail
      from (
        select current_setting('archive_mode') <> 'off' and last_archived_wal is null and failed_count > 0 as never,
          case when current_setting('archive_mode') = 'off' or last_archived_wal !~ '^[0-9A-F]{24}' then 0 else greatest(0,
            pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')
            - ('x' || substr(last_archived_wal, 9, 8))::bit(32)::bigint::numeric * 4294967296
            - (('x' || substr(last_archived_wal, 17, 8))::bit(32)::bigint + 1) * pg_size_bytes(current_setting('wal_segment_size'))) end as bytes
        from pg_stat_archiver
      ) waiting left join (
        select slot_name::text, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) as bytes
        from pg_replication_slots where restart_lsn is not null order by 2 desc limit 1
      ) slot on true`,
  },
  'long-transaction': {
    unit: 'seconds',
    what: 'a transaction is open',
    sql: `
      select case when bool_or(query = '<insufficient privilege>') then null
          else coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) end as value,
        'pid ' || (array_agg(pid order by xact_start))[1] as detail
      from pg_stat_activity
      where datname = current_database() and usesysid is not null and coalesce(backend_type, 'client backend') = 'client backend'
        and application_name not like ${OWN}`,
  },
}

/** What a role without `pg_read_all_stats` is told. */
export const HIDDEN = 'this role may not see other sessions: grant it pg_read_all_stats'
