"""The sample: two years in the life of 546 households in Kendal, Central Java, laid back from the day of loading."""
