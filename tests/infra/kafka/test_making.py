"""What a broker is made with."""

from infra.kafka.making import new_cluster_id


def test_no_cluster_has_an_identifier_that_kafkas_command_takes_for_an_option() -> None:
    """One in 64 would, of those drawn blindly."""
    drawn = [new_cluster_id() for _ in range(2_000)]
    assert {len(one) for one in drawn} == {22}
    assert not [one for one in drawn if one.startswith("-")]
