-- Enrolments again after a graduation, in programmes where that is a relapse.
CREATE TABLE read.graduation_relapses (
    graduation uuid NOT NULL,
    position bigint NOT NULL,
    "on" date NOT NULL,
    household uuid NOT NULL,
    programme text NOT NULL,
    PRIMARY KEY (graduation, position)
);
