-- name: ready
-- How many hints wait for a hand.
SELECT count(*) FROM procrastinate_jobs
WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now());

-- name: enqueue
-- Hints that do not wait yet, as many as there is room for.
INSERT INTO procrastinate_jobs
    (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
SELECT t.queue, t.task, t.priority, t.lock, t.key, t.args::jsonb, t.at
FROM unnest(:queues::text[], :tasks::text[], :priorities::integer[], :locks::text[],
            :keys::text[], :args::text[], :ats::timestamptz[])
     WITH ORDINALITY AS t (queue, task, priority, lock, key, args, at, position)
WHERE NOT EXISTS (SELECT FROM procrastinate_jobs w
                  WHERE w.queueing_lock = t.key AND w.status = 'todo')
ORDER BY t.position
LIMIT :room
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING;
