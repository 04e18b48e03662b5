// opentelemetry.proto.common.v1 and resource.v1.
extension Schema {
    static let common: [MessageShape] = [
        MessageShape(
            .anyValue, "AnyValue",
            [
                FieldShape(1, "string_value", .text),
                FieldShape(2, "bool_value", .varint),
                FieldShape(3, "int_value", .varint),
                FieldShape(4, "double_value", .fixed64),
                .single(5, "array_value", .arrayValue),
                .single(6, "kvlist_value", .keyValueList),
                FieldShape(7, "bytes_value", .bytes),
                FieldShape(8, "string_value_strindex", .varint),
            ]),
        MessageShape(.arrayValue, "ArrayValue", [.values(1, "values")]),
        MessageShape(.keyValueList, "KeyValueList", [.attributes(1, "values")]),
        MessageShape(
            .keyValue, "KeyValue",
            [
                FieldShape(1, "key", .text, slot: 1),
                .value(2, "value"),
                FieldShape(3, "key_strindex", .varint),
            ]),
        MessageShape(
            .scope, "InstrumentationScope",
            [
                FieldShape(1, "name", .text),
                FieldShape(2, "version", .text),
                .attributes(3),
                FieldShape(4, "dropped_attributes_count", .varint),
            ]),
        MessageShape(
            .resource, "Resource",
            [
                .attributes(1),
                FieldShape(2, "dropped_attributes_count", .varint),
                .many(3, "entity_refs", .entityRef),
            ]),
        MessageShape(
            .entityRef, "EntityRef",
            [
                FieldShape(1, "schema_url", .text),
                FieldShape(2, "type", .text),
                FieldShape(3, "id_keys", .text),
                FieldShape(4, "description_keys", .text),
            ]),
    ]
}
