internal import SwiftProtobuf

extension RandomTelemetry {
    /// About `size` samples in random groups, with a dictionary most of the time.
    public mutating func profiles() -> OTLP.ProfilesData {
        var data = OTLP.ProfilesData()
        for group in groups() {
            var resourceProfiles = OTLP.ResourceProfiles()
            if !source.once(in: 8) { resourceProfiles.resource = resource() }
            resourceProfiles.schemaURL = source.text()
            let first = source.integer(in: 0...group)
            resourceProfiles.scopeProfiles = [first, group - first].map { scopeProfiles($0) }
            data.resourceProfiles.append(extended(resourceProfiles))
        }
        if !source.once(in: 5) { data.dictionary = dictionary() }
        return data
    }

    private mutating func scopeProfiles(_ samples: Int) -> OTLP.ScopeProfiles {
        var scopeProfiles = OTLP.ScopeProfiles()
        if !source.once(in: 8) { scopeProfiles.scope = scope() }
        scopeProfiles.schemaURL = source.text()
        var left = samples
        while left > 0 {
            let count = source.integer(in: 0...min(left, 6))
            scopeProfiles.profiles.append(profile(samples: count))
            left -= max(count, 1)
        }
        return extended(scopeProfiles)
    }

    private mutating func profile(samples: Int) -> OTLP.Profile {
        var profile = OTLP.Profile()
        profile.sampleType = valueType()
        profile.samples = (0..<samples).map { _ in sample() }
        profile.timeUnixNano = source.any()
        profile.durationNano = source.any()
        if source.once(in: 2) { profile.periodType = valueType() }
        profile.period = source.any()
        profile.profileID = source.identifier(16)
        profile.droppedAttributesCount = sparse()
        profile.originalPayloadFormat = source.text()
        profile.originalPayload = source.data()
        profile.attributeIndices = numbers()
        return extended(profile)
    }

    private mutating func sample() -> OTLP.Sample {
        var sample = OTLP.Sample()
        sample.stackIndex = source.any()
        sample.attributeIndices = numbers()
        sample.linkIndex = source.any()
        sample.values = numbers()
        sample.timestampsUnixNano = numbers()
        return extended(sample)
    }

    private mutating func dictionary() -> OTLP.ProfilesDictionary {
        var dictionary = OTLP.ProfilesDictionary()
        for _ in 0..<source.integer(in: 0...3) {
            dictionary.mappingTable.append(mapping())
            dictionary.locationTable.append(location())
            dictionary.functionTable.append(function())
            dictionary.linkTable.append(profileLink())
            dictionary.stringTable.append(source.text())
            dictionary.attributeTable.append(keyValueAndUnit())
            dictionary.stackTable.append(.with { $0.locationIndices = numbers() })
        }
        return extended(dictionary)
    }

    private mutating func mapping() -> OTLP.Mapping {
        var mapping = OTLP.Mapping()
        mapping.memoryStart = source.any()
        mapping.memoryLimit = source.any()
        mapping.fileOffset = source.any()
        mapping.filenameStrindex = source.any()
        mapping.attributeIndices = numbers()
        return extended(mapping)
    }

    private mutating func location() -> OTLP.Location {
        var location = OTLP.Location()
        location.mappingIndex = source.any()
        location.address = source.any()
        location.lines = (0..<source.integer(in: 0...2)).map { _ in
            var line = OTLP.Line()
            line.functionIndex = source.any()
            line.line = source.any()
            line.column = source.any()
            return extended(line)
        }
        location.attributeIndices = numbers()
        return extended(location)
    }

    private mutating func function() -> OTLP.Function {
        var function = OTLP.Function()
        function.nameStrindex = source.any()
        function.systemNameStrindex = source.any()
        function.filenameStrindex = source.any()
        function.startLine = source.any()
        return extended(function)
    }

    private mutating func profileLink() -> OTLP.ProfileLink {
        var link = OTLP.ProfileLink()
        link.traceID = source.identifier(16)
        link.spanID = source.identifier(8)
        return extended(link)
    }

    private mutating func keyValueAndUnit() -> OTLP.KeyValueAndUnit {
        var entry = OTLP.KeyValueAndUnit()
        entry.keyStrindex = source.any()
        if !source.once(in: 5) { entry.value = anyValue(depth: depth) }
        entry.unitStrindex = source.any()
        return extended(entry)
    }

    private mutating func valueType() -> OTLP.ValueType {
        var type = OTLP.ValueType()
        type.typeStrindex = source.any()
        type.unitStrindex = source.any()
        return extended(type)
    }

    private mutating func numbers<Number: FixedWidthInteger>() -> [Number] {
        (0..<source.integer(in: 0...5)).map { _ in source.any() }
    }
}
