/** A connection URL as people may see it: without password and query. Anything that is no URL is not shown at all. */
export function redact(url: string): string {
  try {
    const { protocol, username, host, pathname } = new URL(url)
    return `${protocol}//${username ? `${username}@` : ''}${host}${pathname}`
  } catch {
    return 'the connection URL (not shown: it cannot be parsed)'
  }
}
