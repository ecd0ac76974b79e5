import type { Sql } from 'postgres'

/** Drops everything of one run on a server that stays: its databases, the roles that its migrations made, its owner. */
export async function dropRun(sql: Sql, prefix: string): Promise<void> {
  const databases = await sql`select datname from pg_database where starts_with(datname, ${prefix})`
  for (const { datname } of databases) await sql`drop database if exists ${sql(datname)} with (force)`
  await dropRolesMade(sql, prefix)
  const owners = await sql`select rolname from pg_roles where starts_with(rolname, ${prefix})`
  for (const { rolname } of owners) await sql`drop role if exists ${sql(rolname)}`
}

/** Drops the roles that migrations of one run made. */
export async function dropRolesMade(sql: Sql, prefix: string): Promise<void> {
  for (const role of await rolesMade(sql, prefix)) await sql`drop role if exists ${sql(role)}`
}

/** What the run itself made is not among them. Before 16 nothing says who made a role: none. */
export async function rolesMade(sql: Sql, prefix: string): Promise<string[]> {
  const roles = await sql`
    select distinct made.rolname from pg_auth_members m
    join pg_roles made on made.oid = m.roleid join pg_roles owner on owner.oid = m.member
    where m.admin_option and starts_with(owner.rolname, ${prefix}) and not starts_with(made.rolname, ${prefix})`
  return roles.map(({ rolname }) => String(rolname))
}
