"""Checks events by the models of the OCSF schema.

Usage: kiana-audit query --format ocsf | python ocsf_check.py
pydantic-ocsf has the classes of schema 1.7.0; py-ocsf-models has what every event must have.
Neither minds members it does not know, so their names are checked here against the schema.
"""
import hashlib
import json
import sys

from ocsf.v1_7_0.events import EntityManagement
from ocsf.v1_7_0.objects import Actor, ManagedEntity, Metadata, Product, User
from py_ocsf_models.events.base_event import BaseEvent


def names(model):
    return {field.alias or name for name, field in model.model_fields.items()}


def check_names(value, model, where):
    unknown = set(value) - names(model)
    if unknown:
        raise ValueError(f"{where}: not in the schema: {sorted(unknown)}")


def check(event):
    EntityManagement.model_validate(dict(event))
    BaseEvent.model_validate(event)
    check_names(event, EntityManagement, "event")
    check_names(event["metadata"], Metadata, "metadata")
    check_names(event["metadata"]["product"], Product, "product")
    check_names(event["actor"], Actor, "actor")
    check_names(event["actor"]["user"], User, "user")
    check_names(event["entity"], ManagedEntity, "entity")
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        raise ValueError("type_uid is not class_uid * 100 + activity_id")
    if event["class_uid"] != 3004 or event["category_uid"] != 3:
        raise ValueError("another class")
    if not event["entity"].get("uid"):
        raise ValueError("the entity has no name")
    leaf = hashlib.sha256(b"\0" + event["raw_data"].encode()).hexdigest()
    if event["unmapped"]["attestation"]["fingerprint"]["value"] != leaf:
        raise ValueError("the attestation is not of the raw data")


def main():
    count = 0
    for line in sys.stdin:
        count += 1
        try:
            check(json.loads(line))
        except Exception as fault:
            print(f"event {count}: {fault}")
            sys.exit(13)
    print(f"{count} events are good")


main()
