import { defineBackfill, jsonFile } from 'landfall'
import { DesignNoteSchema } from '../../../fixtures/systems/design-log/domain.ts'

/** The file is newest first: a note comes after the one that supersedes it, so that every batch can stand alone. */
export default defineBackfill({
  name: 'design-log/design-notes',
  from: jsonFile('fixtures/systems/design-log/data/design-notes.json'),
  schema: DesignNoteSchema,
  into: 'design_notes',
  key: ['id'],
  onConflict: 'fail',
})
