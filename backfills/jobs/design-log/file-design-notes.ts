import { defineBackfill } from 'landfall'
import { DesignNoteSchema } from '../../../fixtures/systems/design-log/domain.ts'
import { inFile, rowOf } from '../../../fixtures/systems/design-log/sqlite/source.ts'

/** Newest first: a note comes after the one that supersedes it, so that every batch can stand alone. */
export default defineBackfill({
  name: 'design-log/file-design-notes',
  from: inFile('design_notes', { descending: ['created_at'] }),
  schema: rowOf(DesignNoteSchema),
  into: 'design_notes',
  key: ['id'],
  onConflict: 'fail',
})
