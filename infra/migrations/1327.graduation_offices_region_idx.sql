-- The facilitators of a region.
CREATE INDEX graduation_offices_region_idx ON read.graduation_offices (region);
