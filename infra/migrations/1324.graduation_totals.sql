-- The ledger added up by day and by month, for the nation (level 0, no area), each province and each regency: under the
-- lens of all kinds, and under that of the graduation's own (`_of_kind`).
-- `day` is the graduation's, or for a relapse the one from which it counts; `month` is always the graduation's.
-- Rows are added to in place, for which pages are left room.
DROP TABLE read.graduation_totals;
CREATE TABLE read.graduation_totals (
    programme text COLLATE "C" NOT NULL,
    year int NOT NULL,
    span text COLLATE "C" NOT NULL CHECK (span IN ('day', 'month')),
    level int NOT NULL,
    area text COLLATE "C" NOT NULL,
    day date NOT NULL,
    month int NOT NULL,
    kind text COLLATE "C" NOT NULL,
    counted int NOT NULL,
    fell int NOT NULL,
    relapsed int NOT NULL,
    relapsed_later int NOT NULL,
    counted_of_kind int NOT NULL,
    fell_of_kind int NOT NULL,
    relapsed_of_kind int NOT NULL,
    relapsed_later_of_kind int NOT NULL,
    PRIMARY KEY (programme, year, span, level, area, day, month, kind)
) WITH (fillfactor = 70);
