import { defineBackfill, jsonFile } from 'landfall'
import { ProjectSchema } from '../../../fixtures/systems/workspace/domain.ts'

export default defineBackfill({
  name: 'workspace/projects',
  from: jsonFile('fixtures/systems/workspace/data/projects.json'),
  schema: ProjectSchema,
  into: 'projects',
  key: ['id'],
  onConflict: 'fail',
  map: (project) => ({
    id: project.id,
    owner_id: project.ownerId,
    name: project.name,
    description: project.description,
    status: project.status,
    settings: project.settings,
    version: project.version,
    created_at: project.createdAt,
    updated_at: project.updatedAt,
  }),
  after: ['workspace/users'],
})
