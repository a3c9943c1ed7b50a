-- Where a company's calendar is kept, when it is not ours.
CREATE TABLE crm_connections (
    company_id   bigint NOT NULL PRIMARY KEY REFERENCES companies ON DELETE CASCADE,
    crm          text NOT NULL CHECK (crm IN ('yclients', 'ai_admin')),
    external_id  text NOT NULL CHECK (external_id <> ''),        -- what the CRM calls the company
    sealed_token bytea,                                          -- adapters/sealing.py opens it
    settings     jsonb NOT NULL DEFAULT '{}',
    state        text NOT NULL DEFAULT 'connected' CHECK (state IN ('connected', 'disconnected')),
    reason       text,                                           -- why not, in one sentence
    connected_at timestamptz NOT NULL,
    next_sync_at timestamptz NOT NULL,
    asked_at     timestamptz[] NOT NULL DEFAULT '{}'             -- the latest requests: their limits
);
CREATE INDEX crm_connections_to_sync ON crm_connections (next_sync_at) INCLUDE (company_id)
    WHERE state = 'connected';
CREATE INDEX crm_connections_by_id ON crm_connections (crm, external_id);

-- How far each kind of thing is. `page` is where a sync that was interrupted goes on.
CREATE TABLE crm_syncs (
    company_id    bigint NOT NULL,
    entity        text NOT NULL CHECK (entity IN
                  ('company', 'staff', 'services', 'clients', 'records', 'schedules')),
    page          jsonb,                                         -- none: nothing is under way
    changed_after timestamptz,                                   -- what changed before is here
    started_at    timestamptz,
    succeeded_at  timestamptz,
    counts        jsonb NOT NULL DEFAULT '{}',                   -- of the last run: taken, changed, ...
    error         text,                                          -- of the last run, one sentence
    PRIMARY KEY (company_id, entity),
    FOREIGN KEY (company_id) REFERENCES crm_connections ON DELETE CASCADE
);

-- What could not be taken, with the reason; gone once it is taken.
CREATE TABLE crm_rejects (
    company_id  bigint NOT NULL,
    entity      text NOT NULL,
    external_id text NOT NULL,
    reason      text NOT NULL,                                   -- a field and what is wrong with it
    rejected_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, entity, external_id),
    FOREIGN KEY (company_id) REFERENCES crm_connections ON DELETE CASCADE
);

-- The CRM's own ids. Clients and staff have external_key; a CRM's begin with its name.
ALTER TABLE services ADD COLUMN external_key text;
CREATE UNIQUE INDEX services_by_external_key ON services (company_id, external_key)
    WHERE external_key IS NOT NULL;
CREATE TABLE staff_services (
    company_id       bigint NOT NULL,
    staff_id         bigint NOT NULL,
    service_id       bigint NOT NULL,
    duration_minutes integer CHECK (duration_minutes BETWEEN 1 AND 1440),  -- none: the service's
    PRIMARY KEY (company_id, staff_id, service_id),
    FOREIGN KEY (company_id, staff_id) REFERENCES staff ON DELETE CASCADE,
    FOREIGN KEY (company_id, service_id) REFERENCES services ON DELETE CASCADE
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['crm_connections', 'crm_syncs', 'crm_rejects', 'staff_services'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY one_company ON %I TO vernis_app USING '
            '(company_id = nullif(current_setting(''vernis.company_id'', true), '''')::bigint)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO vernis_app', t);
    END LOOP;
END $$;
GRANT SELECT (company_id, crm, external_id, state, next_sync_at) ON crm_connections
    TO vernis_dispatcher;
CREATE POLICY dispatch ON crm_connections FOR SELECT TO vernis_dispatcher USING (true);
