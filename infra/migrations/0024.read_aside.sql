-- Where projections are made anew beside the live ones, until they are compared and take their place.
CREATE SCHEMA read_aside;
