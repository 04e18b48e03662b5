extension JSONMessage {
    /// The messages of opentelemetry/proto/profiles/v1development/profiles.proto, down to the sample.
    var profileFields: [JSONField]? {
        switch self {
        case .profilesData:
            [
                JSONField("resourceProfiles", 1, .resourceProfiles, .repeated),
                JSONField("dictionary", 2, .dictionary),
            ]
        case .resourceProfiles:
            [
                JSONField("resource", 1, .resource),
                JSONField("scopeProfiles", 2, .scopeProfiles, .repeated), JSONField("schemaUrl", 3, .string),
            ]
        case .scopeProfiles:
            [
                JSONField("scope", 1, .scope), JSONField("profiles", 2, .profile, .repeated),
                JSONField("schemaUrl", 3, .string),
            ]
        case .profile:
            [
                JSONField("sampleType", 1, .valueType), JSONField("samples", 2, .sample, .repeated),
                JSONField("timeUnixNano", 3, .fixed64), JSONField("durationNano", 4, .uint64),
                JSONField("periodType", 5, .valueType), JSONField("period", 6, .int64),
                JSONField("profileId", 7, .profileID), JSONField("droppedAttributesCount", 8, .uint32),
                JSONField("originalPayloadFormat", 9, .string), JSONField("originalPayload", 10, .bytes),
                JSONField("attributeIndices", 11, .int32, .repeated),
            ]
        case .sample:
            [
                JSONField("stackIndex", 1, .int32), JSONField("attributeIndices", 2, .int32, .repeated),
                JSONField("linkIndex", 3, .int32), JSONField("values", 4, .int64, .repeated),
                JSONField("timestampsUnixNano", 5, .fixed64, .repeated),
            ]
        case .valueType: [JSONField("typeStrindex", 1, .int32), JSONField("unitStrindex", 2, .int32)]
        default: nil
        }
    }

    /// The messages of opentelemetry/proto/profiles/v1development/profiles.proto that profiles point into.
    var dictionaryFields: [JSONField]? {
        switch self {
        case .dictionary:
            [
                JSONField("mappingTable", 1, .mapping, .repeated),
                JSONField("locationTable", 2, .location, .repeated),
                JSONField("functionTable", 3, .function, .repeated),
                JSONField("linkTable", 4, .profileLink, .repeated),
                JSONField("stringTable", 5, .string, .repeated),
                JSONField("attributeTable", 6, .keyValueAndUnit, .repeated),
                JSONField("stackTable", 7, .stack, .repeated),
            ]
        case .mapping:
            [
                JSONField("memoryStart", 1, .uint64), JSONField("memoryLimit", 2, .uint64),
                JSONField("fileOffset", 3, .uint64), JSONField("filenameStrindex", 4, .int32),
                JSONField("attributeIndices", 5, .int32, .repeated),
            ]
        case .location:
            [
                JSONField("mappingIndex", 1, .int32), JSONField("address", 2, .uint64),
                JSONField("lines", 3, .line, .repeated), JSONField("attributeIndices", 4, .int32, .repeated),
            ]
        case .line:
            [
                JSONField("functionIndex", 1, .int32), JSONField("line", 2, .int64),
                JSONField("column", 3, .int64),
            ]
        case .function:
            [
                JSONField("nameStrindex", 1, .int32), JSONField("systemNameStrindex", 2, .int32),
                JSONField("filenameStrindex", 3, .int32), JSONField("startLine", 4, .int64),
            ]
        case .profileLink: [JSONField("traceId", 1, .traceID), JSONField("spanId", 2, .spanID)]
        case .keyValueAndUnit:
            [
                JSONField("keyStrindex", 1, .int32), JSONField("value", 2, .anyValue),
                JSONField("unitStrindex", 3, .int32),
            ]
        case .stack: [JSONField("locationIndices", 1, .int32, .repeated)]
        default: nil
        }
    }
}
