import { defineBackfill, jsonFile } from 'landfall'
import { ProjectFile, without } from '../../../fixtures/systems/mission-control/aggregates.ts'
import { columnsOf } from '../../../fixtures/systems/mission-control/columns.ts'

/** Projects with their repositories and access requests. */
export default defineBackfill({
  name: 'mission-control/projects',
  from: jsonFile('fixtures/systems/mission-control/data/projects.json'),
  schema: ProjectFile,
  into: {
    projects: (project) => columnsOf(without(project, 'repositories', 'accessRequests')),
    repositories: ({ repositories }) => repositories.map(columnsOf),
    access_requests: ({ accessRequests }) => accessRequests.map(columnsOf),
  },
  onConflict: 'fail',
  after: ['mission-control/organizations'],
})
