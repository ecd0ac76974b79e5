/** True for `sqlite:FILE`, the URL of a SQLite file: `sqlite:data/app.db`, `sqlite:/var/lib/app.db`, `sqlite:///var/lib/app.db`. */
export const isSqlite = (url: string): boolean => /^sqlite:/i.test(url)

/** The path that such a URL names; a relative one is relative to the working directory. */
export const sqliteFile = (url: string): string => url.replace(/^sqlite:(\/\/)?/i, '')
