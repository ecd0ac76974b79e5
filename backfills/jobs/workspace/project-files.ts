import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
import { ProjectFileSchema } from '../../../fixtures/systems/workspace/domain.ts'

// The file tells times to the microsecond, finer than a Date: they go into the table as text, and all of it arrives.
const instant = z.iso.datetime({ offset: true })

export default defineBackfill({
  name: 'workspace/project-files',
  from: jsonFile('fixtures/systems/workspace/data/project-files.json'),
  schema: ProjectFileSchema.extend({ createdAt: instant, updatedAt: instant }),
  into: 'project_files',
  key: ['id'],
  onConflict: 'fail',
  map: (file) => ({
    id: file.id,
    project_id: file.projectId,
    path: file.path,
    content: file.content,
    created_at: file.createdAt,
    updated_at: file.updatedAt,
  }),
  after: ['workspace/projects'],
})
