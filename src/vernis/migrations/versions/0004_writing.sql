-- How a company wants its messages.
ALTER TABLE companies
    ADD COLUMN tone text NOT NULL DEFAULT 'warm' CHECK (tone IN ('warm', 'brief')),
    ADD COLUMN banned_words text[] NOT NULL DEFAULT '{}',
    ADD COLUMN approval boolean NOT NULL DEFAULT false,
    ADD COLUMN free_times_in_messages boolean NOT NULL DEFAULT false,
    ADD COLUMN model_limit_minor integer CHECK (model_limit_minor >= 0),  -- US cents a month
    ADD COLUMN variants jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN variants_since timestamptz;                      -- the test in force began then

-- Who wrote a message, in which test, and whether a person has to see it first. A draft is a
-- `written` row without send_after: nothing sends it until an approval sets that.
ALTER TABLE client_reactivation_history
    ADD COLUMN variant text,
    ADD COLUMN variant_since timestamptz,                       -- names the test, with companies'
    ADD COLUMN message_model text,
    ADD COLUMN message_fallback text,                           -- why not the model
    ADD COLUMN message_generated text,                          -- before a person edited it
    ADD COLUMN message_times jsonb,                             -- free times in it; []: some went
    ADD COLUMN approved_at timestamptz,
    ADD COLUMN rejected_because text,
    ADD CHECK ((variant IS NULL) = (variant_since IS NULL));
CREATE INDEX reactivations_by_variant ON client_reactivation_history
    (company_id, variant_since, variant) WHERE variant IS NOT NULL;
