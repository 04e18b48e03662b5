// opentelemetry.proto.profiles.v1development.
extension Schema {
    static let profiles: [MessageShape] = profileContainers + profileTables

    private static let profileContainers: [MessageShape] = [
        MessageShape(
            .profilesData, "ProfilesData",
            [
                .many(1, "resource_profiles", .resourceProfiles),
                .single(2, "dictionary", .profilesDictionary),
            ]),
        MessageShape(
            .resourceProfiles, "ResourceProfiles",
            [
                .single(1, "resource", .resource),
                .many(2, "scope_profiles", .scopeProfiles),
                FieldShape(3, "schema_url", .text),
            ]),
        MessageShape(
            .scopeProfiles, "ScopeProfiles",
            [
                .single(1, "scope", .scope),
                .many(2, "profiles", .profile),
                FieldShape(3, "schema_url", .text),
            ]),
        MessageShape(
            .profile, "Profile",
            [
                .single(1, "sample_type", .valueType),
                .items(2, "samples", .sample),
                FieldShape(3, "time_unix_nano", .fixed64),
                FieldShape(4, "duration_nano", .varint),
                .single(5, "period_type", .valueType),
                FieldShape(6, "period", .varint),
                FieldShape(7, "profile_id", .traceID),
                FieldShape(8, "dropped_attributes_count", .varint),
                FieldShape(9, "original_payload_format", .text),
                FieldShape(10, "original_payload", .bytes),
                FieldShape(11, "attribute_indices", .varints),
            ]),
        MessageShape(
            .sample, "Sample",
            [
                FieldShape(1, "stack_index", .varint),
                FieldShape(2, "attribute_indices", .varints),
                FieldShape(3, "link_index", .varint),
                FieldShape(4, "values", .varints),
                FieldShape(5, "timestamps_unix_nano", .fixed64s),
            ]),
        indices(.valueType, "ValueType", ["type_strindex", "unit_strindex"]),
    ]

    private static let profileTables: [MessageShape] = [
        MessageShape(
            .profilesDictionary, "ProfilesDictionary",
            [
                .many(1, "mapping_table", .mapping),
                .many(2, "location_table", .location),
                .many(3, "function_table", .function),
                .many(4, "link_table", .profileLink),
                FieldShape(5, "string_table", .text),
                .many(6, "attribute_table", .keyValueAndUnit),
                .many(7, "stack_table", .stack),
            ]),
        MessageShape(
            .profileLink, "Link",
            [FieldShape(1, "trace_id", .traceID), FieldShape(2, "span_id", .spanID)]),
        MessageShape(
            .mapping, "Mapping",
            [
                FieldShape(1, "memory_start", .varint),
                FieldShape(2, "memory_limit", .varint),
                FieldShape(3, "file_offset", .varint),
                FieldShape(4, "filename_strindex", .varint),
                FieldShape(5, "attribute_indices", .varints),
            ]),
        MessageShape(.stack, "Stack", [FieldShape(1, "location_indices", .varints)]),
        MessageShape(
            .location, "Location",
            [
                FieldShape(1, "mapping_index", .varint),
                FieldShape(2, "address", .varint),
                .many(3, "lines", .line),
                FieldShape(4, "attribute_indices", .varints),
            ]),
        indices(.line, "Line", ["function_index", "line", "column"]),
        indices(
            .function, "Function",
            ["name_strindex", "system_name_strindex", "filename_strindex", "start_line"]),
        MessageShape(
            .keyValueAndUnit, "KeyValueAndUnit",
            [
                FieldShape(1, "key_strindex", .varint),
                .value(2, "value"),
                FieldShape(3, "unit_strindex", .varint),
            ]),
    ]

    /// A message of integers only, numbered from 1.
    private static func indices(_ kind: MessageKind, _ name: String, _ fields: [String]) -> MessageShape {
        let shapes = fields.enumerated().map { FieldShape($0.offset + 1, $0.element, .varint) }
        return MessageShape(kind, name, shapes)
    }
}
