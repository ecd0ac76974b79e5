import type { Rule } from './rule.ts'

/** Tenants kept apart: `rls/…`. */
export const rlsRules = {
  'rls/role-bypasses': {
    severity: 'error',
    why: 'policies do not hold for superusers, roles with BYPASSRLS, and whoever may become the owner of a table',
    fix: 'let the application work as a role that owns nothing and is a member of nobody who does',
  },
  'rls/not-enabled': {
    severity: 'error',
    why: 'without row-level security every tenant reads and writes the rows of all',
    fix: 'enable and force it, with a policy; or take the privileges away',
  },
  'rls/not-forced': {
    severity: 'error',
    why: 'the owner of a table passes by its policies unless they are forced',
    fix: 'force row level security on the table',
  },
  'rls/no-policy': {
    severity: 'error',
    why: 'row-level security without a policy for a role hides every row from it',
    fix: 'write a policy for the role',
  },
  'rls/may-truncate': {
    severity: 'error',
    why: 'truncate asks no policy: one tenant empties the table for all',
    fix: 'revoke truncate from the role',
  },
  'rls/check-not-written': {
    severity: 'info',
    why: 'who widens the using of such a policy, so that more is read, widens what may be written as well',
    fix: 'write the condition for new rows as with check',
  },
  'rls/table-without-tenant': {
    severity: 'error',
    why: 'nothing tells one tenant’s rows from another’s, so nothing keeps them apart',
    fix: 'add the tenant column; or name the table under rls.shared in the config, when its rows are for all tenants',
  },
  'rls/reads-other-tenant': {
    severity: 'error',
    why: 'one tenant reads what is another tenant’s',
    fix: 'compare the tenant in the using of the policy',
  },
  'rls/writes-other-tenant': {
    severity: 'error',
    why: 'one tenant inserts, changes or deletes what is another tenant’s',
    fix: 'compare the tenant in the using and in the with check of the policy',
  },
  'rls/moves-to-other-tenant': {
    severity: 'error',
    why: 'one tenant puts its rows among another tenant’s',
    fix: 'compare the tenant in the with check of the policy',
  },
  'rls/open-without-tenant': {
    severity: 'error',
    why: 'whoever forgets to say whose rows are meant gets those of all',
    fix: 'let the policy hold for no row when no tenant, or an unknown one, is set',
  },
  'rls/reads-rows-of-nobody': {
    severity: 'warning',
    why: 'rows without a tenant are shown to all of them',
    fix: 'leave null out of the policy; nothing to do if they are meant for all',
  },
  'rls/refers-to-other-tenant': {
    severity: 'error',
    why: 'a reference tells that the other row exists, keeps its tenant from deleting it, and is followed by cascades',
    fix: 'let the foreign key name the tenant as well, or look the row up in the with check of the policy',
  },
  'rls/hides-own-rows': {
    severity: 'error',
    why: 'the policy holds for rows that are not there: the application sees nothing',
    fix: 'compare the tenant column of the table with the tenant that is set',
  },
  'rls/tenant-outlives-transaction': {
    severity: 'error',
    why: 'a session that is handed on by a pooler keeps the tenant of whoever had it before',
    fix: 'set it for the transaction alone: set_config(name, value, true)',
  },
  'rls/opened-by-setting': {
    severity: 'error',
    why: 'every role may set a setting of its own making: it is no secret and no privilege',
    fix: 'let a role pass, not a setting: create policy … to the_role',
  },
  'rls/view-shows-others': {
    severity: 'error',
    why: 'a view reads as its owner, and a materialized view has no policies at all',
    fix: 'set security_invoker on the view, or revoke select on it',
  },
  'rls/function-shows-others': {
    severity: 'error',
    why: 'a security definer function reads as its owner',
    fix: 'make it security invoker, or revoke execute on it',
  },
  'rls/definer-function': {
    severity: 'warning',
    why: 'a security definer function does as its owner what the caller’s policies would not allow',
    fix: 'make it security invoker; revoke execute on it; nothing to do if it compares the tenant itself',
  },
  'rls/not-tried': {
    severity: 'warning',
    why: 'no row could be made for a tenant, so nothing is proven about the table',
    fix: 'see the reason; rows are made from the table’s own constraints',
  },
} satisfies Readonly<Record<string, Rule>>
