import type { Rule } from './rule.ts'

/** TypeScript and tables: `drift/…`, `compat/…`. */
export const driftRules = {
  'drift/missing-property': {
    severity: 'error',
    why: 'the table has a column that no code of this type can see',
    fix: 'add the property, or drop the column',
  },
  'drift/extra-property': {
    severity: 'error',
    why: 'no column stands behind this property: it is undefined in every row that is read',
    fix: 'remove or rename the property, or add the column',
  },
  'drift/table-without-type': {
    severity: 'warning',
    why: 'nothing in the domain says what its rows are, so nothing holds code to them',
    fix: 'write its interface, or say tables: { name: false } in the config',
  },
  'drift/type-without-table': {
    severity: 'warning',
    why: 'the domain speaks of something that the database does not keep',
    fix: 'write its migration, tie it with @landfall-table, or say types: { Name: false } in the config',
  },
  'drift/ambiguous-match': {
    severity: 'error',
    why: 'a guess would compare the type with the wrong table',
    fix: 'say which table is meant: @landfall-table name, or domain.types in the config',
  },
  'drift/unmappable-column-name': {
    severity: 'warning',
    why: 'the driver turns the name into a property that it does not turn back: an insert by object fails',
    fix: 'rename the column',
  },
  'drift/tag-not-attached': {
    severity: 'error',
    why: 'a tag that the compiler attaches to nothing is ignored in silence',
    fix: 'write it in /** … */ on a line of its own, right above the type or the property',
  },
  'drift/unused-ignore': {
    severity: 'warning',
    why: 'an ignore that ignores nothing hides the next finding of its rule',
    fix: 'remove it',
  },
  'drift/names-nothing': {
    severity: 'error',
    why: 'the config or a tag ties a type to a table that is not there: it is not compared',
    fix: 'correct the name',
  },
  'drift/too-nullable': {
    severity: 'warning',
    why: 'code handles a null that the database never gives',
    fix: 'remove null from the type, or let the column be null',
  },
  'drift/optional-but-not-null': {
    severity: 'warning',
    why: 'code handles an absence that the database never gives',
    fix: 'remove the question mark, or let the column be null',
  },
  'drift/pk-optional': {
    severity: 'warning',
    why: 'a row that is read always has its key',
    fix: 'remove null and the question mark from the key',
  },
  'drift/undefined-not-null': {
    severity: 'error',
    why: 'the driver gives null where the type says undefined: a test for undefined misses it',
    fix: 'write | null instead of the question mark',
  },
  'drift/null-not-modelled': {
    severity: 'error',
    why: 'reads give null where the type promises a value: the first use of it throws',
    fix: 'add | null to the type, or set the column not null',
  },
  'drift/nullable-with-default': {
    severity: 'error',
    why: 'a default does not refuse null: reads may give null where the type promises a value',
    fix: 'set the column not null, or add | null to the type',
  },
  'drift/value-missing-in-type': {
    severity: 'error',
    why: 'reads give a value that no code expects',
    fix: 'add the value to the union, or take it from the database',
  },
  'drift/value-not-in-database': {
    severity: 'warning',
    why: 'code handles a value that the database never holds',
    fix: 'drop the value from the union, or allow it in the database',
  },
  'drift/narrower-than-db': {
    severity: 'warning',
    why: 'the type promises a list of values that nothing in the database enforces',
    fix: 'add a CHECK or an enum, or widen the type',
  },
  'drift/impossible-arm': {
    severity: 'warning',
    why: 'code handles a type that the driver never gives',
    fix: 'remove the arm',
  },
  'drift/base-type': {
    severity: 'error',
    why: 'the driver gives a value of another type than the interface says',
    fix: 'write the type that arrives',
  },
  'drift/int8-or-numeric': {
    severity: 'error',
    why: 'the driver gives a string for this type, so that no digit is lost; sums become concatenations',
    fix: 'write string, or set a parser and say so in domain.profile',
  },
  'drift/date-family': {
    severity: 'error',
    why: 'a point in time arrives in another type than the interface says',
    fix: 'write the type that arrives, or set a parser and say so in domain.profile',
  },
  'drift/date-as-date': {
    severity: 'info',
    why: 'a date as a Date is midnight UTC: in local time it may be the day before',
    fix: 'parse dates as strings and say so in domain.profile',
  },
  'drift/infinite-date': {
    severity: 'info',
    why: 'the driver makes an invalid Date, or a number, of infinity',
    fix: 'use null for "never", or parse the type as a string and say so in domain.profile',
  },
  'drift/array-shape': {
    severity: 'error',
    why: 'an array on one side is none, or another one, on the other',
    fix: 'write the type that arrives',
  },
  'drift/array-null': {
    severity: 'info',
    why: 'the driver never gives null inside an array, but "NULL", NaN or false',
    fix: 'keep null out of the array, or use jsonb',
  },
  'drift/domain-array': {
    severity: 'info',
    why: 'the driver parses the elements of a domain, but not those of an array of it: 5 arrives as "5"',
    fix: 'declare the array with the base type and a CHECK, or set a parser and say so in domain.profile',
  },
  'drift/tuple-length': {
    severity: 'info',
    why: 'PostgreSQL holds no array to a length: the database may give fewer elements, or more',
    fix: 'write an array, or add a CHECK on cardinality(column)',
  },
  'drift/json-incompatible': {
    severity: 'error',
    why: 'JSON cannot carry this type: what is read back is something else',
    fix: 'write what JSON.parse gives, and convert where it is read',
  },
  'drift/json-as-string': {
    severity: 'warning',
    why: 'a json column arrives parsed: text only when the document is a string',
    fix: 'write the shape of the document, or unknown',
  },
  'drift/too-wide': {
    severity: 'info',
    why: 'the database promises more than the type says',
    fix: 'narrow the type',
  },
  'drift/fk-brand-mismatch': {
    severity: 'info',
    why: 'a foreign key of another brand than its target lets ids be mixed up',
    fix: 'use the type of the key that it points to',
  },
  'drift/generated-in-insert': {
    severity: 'error',
    why: 'PostgreSQL refuses a value for a column that it generates itself',
    fix: 'leave the property out of the insert type',
  },
  'drift/required-although-default': {
    severity: 'info',
    why: 'callers must make up a value that the database would make',
    fix: 'make the property optional',
  },
  'drift/required-column-absent': {
    severity: 'warning',
    why: 'an insert without this column fails, unless code adds it on the way',
    fix: 'add the property, or give the column a default',
  },
  'drift/null-refused': {
    severity: 'error',
    why: 'the insert type allows a null that the column refuses',
    fix: 'remove null from the type, or let the column be null',
  },
  'drift/value-refused': {
    severity: 'error',
    why: 'the insert type allows a value that the database refuses',
    fix: 'drop the value from the type, or allow it in the database',
  },
  'drift/unresolved-type': {
    severity: 'error',
    why: 'the compiler cannot make out this type: nothing of it is compared',
    fix: 'correct the name or the import',
  },
  'drift/any-type': {
    severity: 'warning',
    why: 'any hides every drift of this column',
    fix: 'write the type that arrives',
  },
  'compat/table-dropped': {
    severity: 'error',
    why: 'during the deploy code still reads the table: its queries fail',
    fix: 'ship the code that does without it first, and drop it in a later deploy',
  },
  'compat/column-dropped': {
    severity: 'error',
    why: 'during the deploy code still reads or writes the column: its queries fail',
    fix: 'ship the code that does without it first, and drop it in a later deploy; rename by adding, copying and dropping',
  },
  'compat/insert-misses-column': {
    severity: 'error',
    why: 'during the deploy code inserts rows without the column: its inserts fail',
    fix: 'give the column a default, or let it be null until all code gives it',
  },
  'compat/value-unknown': {
    severity: 'error',
    why: 'during the deploy code reads a value that it does not expect',
    fix: 'ship the code that knows the value first, and allow it in a later deploy',
  },
  'compat/value-refused': {
    severity: 'error',
    why: 'during the deploy code writes a value that is refused: its writes fail',
    fix: 'ship the code that no longer writes it first, and refuse it in a later deploy',
  },
  'compat/type-changed': {
    severity: 'error',
    why: 'during the deploy code reads the column as another type than it is written for',
    fix: 'add a column of the new type, move the code over, and drop the old one in a later deploy',
  },
  'compat/no-safe-order': {
    severity: 'error',
    why: 'neither the migration nor the code can go first: some requests fail in every order',
    fix: 'split the branch: expand, ship the code, contract',
  },
  'drift/live-missing': {
    severity: 'error',
    why: 'the live database lacks what its migrations made: code that counts on it fails there and nowhere else',
    fix: 'run the statement given, or write the removal as a migration',
  },
  'drift/live-extra': {
    severity: 'error',
    why: 'something was made by hand: no other environment has it, and the next migration may stumble over it',
    fix: 'write it as a migration, or drop it',
  },
  'drift/live-different': {
    severity: 'error',
    why: 'something was changed by hand: what was proven on the replayed schema does not hold there',
    fix: 'write the change as a migration, or run the statement given',
  },
  'drift/live-privileges': {
    severity: 'warning',
    why: 'who may do what is not what the migrations say',
    fix: 'write the grant as a migration, or run the statement given',
  },
  'drift/fixed': {
    severity: 'info',
    why: 'the baseline still accepts drift that is gone: it would hide its return',
    fix: 'landfall drift --update-baseline',
  },
} satisfies Readonly<Record<string, Rule>>
