import { defineBackfill, store } from 'landfall'
import { z } from 'zod'
import { readSnapshot } from '../../../fixtures/systems/aigentflow/records.ts'
import { ArtifactSchema, SelfReviewSchema, TaskExecutionSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'
import { memoryAigentflow } from '../../../fixtures/systems/aigentflow/memory/aigentflow.ts'

const TaskHistory = z.object({
  executions: z.array(TaskExecutionSchema),
  artifacts: z.array(ArtifactSchema),
  selfReviews: z.array(SelfReviewSchema),
})

/** From the store itself, as it stands in memory: what the agents of each task did, made and thought of it. */
export default defineBackfill({
  name: 'aigentflow/task-executions',
  from: store('aigentflow in memory', async () => {
    const { tasks, taskExecutions, artifacts, selfReviews } = memoryAigentflow(
      { now: () => new Date(), newId: () => crypto.randomUUID() },
      await readSnapshot(),
    ).snapshot()
    const histories = tasks.map(({ id }) => ({
      executions: taskExecutions.filter(({ taskId }) => taskId === id),
      artifacts: artifacts.filter(({ taskId }) => taskId === id),
      selfReviews: selfReviews.filter(({ taskId }) => taskId === id),
    }))
    return histories.filter((history) => Object.values(history).some((records) => records.length > 0))
  }),
  schema: TaskHistory,
  into: {
    task_executions: ({ executions }) =>
      executions.map((execution) => ({
        id: execution.id,
        task_id: execution.taskId,
        agent_type: execution.agentType,
        input: execution.input,
        output: execution.output,
        status: execution.status,
        duration_ms: execution.durationMs,
        tokens_used: execution.tokensUsed,
        error: execution.error,
        created_at: execution.createdAt,
        completed_at: execution.completedAt,
      })),
    artifacts: ({ artifacts }) =>
      artifacts.map((artifact) => ({
        id: artifact.id,
        task_id: artifact.taskId,
        execution_id: artifact.executionId,
        type: artifact.type,
        path: artifact.path,
        content: artifact.content,
        metadata: artifact.metadata,
        approved: artifact.approved,
        created_at: artifact.createdAt,
      })),
    self_reviews: ({ selfReviews }) =>
      selfReviews.map((review) => ({
        id: review.id,
        task_id: review.taskId,
        execution_id: review.executionId,
        agent_type: review.agentType,
        iteration: review.iteration,
        quality_score: review.qualityScore,
        completeness_score: review.completenessScore,
        correctness_score: review.correctnessScore,
        overall_score: review.overallScore,
        gaps: review.gaps,
        requirements: review.requirements,
        decision: review.decision,
        reasoning: review.reasoning,
        duration_ms: review.durationMs,
        created_at: review.createdAt,
      })),
  },
  key: { task_executions: ['id'], artifacts: ['id'], self_reviews: ['id'] },
  onConflict: 'fail',
  after: ['aigentflow/tasks'],
})
