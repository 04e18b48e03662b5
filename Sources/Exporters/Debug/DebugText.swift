internal import Telemetry

/// Everything in a batch, as a text of many lines: what `verbosity: detailed` prints.
///
/// What otelcol prints always is printed always; fields that it leaves out (counts of what was dropped,
/// flags) follow when they are not zero.
struct DebugText {
    private(set) var text = ""

    init(_ batch: Batch) {
        switch batch.signal {
        case .traces: add(batch.resourceSpans, "ResourceSpans", "ScopeSpans") { $0.add($1, number: $2) }
        case .metrics:
            add(batch.resourceMetrics, "ResourceMetrics", "ScopeMetrics") { $0.add($1, number: $2) }
        case .logs: add(batch.resourceLogs, "ResourceLog", "ScopeLogs") { $0.add($1, number: $2) }
        case .profiles:
            add(ProfileView.resources(of: batch), "ResourceProfiles", "ScopeProfiles") {
                $0.add($1, number: $2)
            }
        }
    }

    mutating func line(_ line: String) {
        text += line
        text += "\n"
    }

    /// A field of a span or profile, its name padded as otelcol pads it.
    mutating func field(_ name: String, _ value: String) {
        line("    " + name + String(repeating: " ", count: max(15 - name.count, 0)) + ": " + value)
    }

    /// Prints the field only when there is something to say.
    mutating func count(_ name: String, _ count: some BinaryInteger) {
        if count != 0 { line("\(name): \(count)") }
    }

    /// A list of attributes under `header`, moved in by `indentation`; nothing when there are none.
    mutating func attributes(_ header: String, _ attributes: Messages<KeyValueView>, indentation: String = "")
    {
        var isFirst = true
        for attribute in attributes {
            if isFirst { line(header + ":") }
            isFirst = false
            line("\(indentation)     -> \(attribute.key): \(DebugValue.typed(attribute.value))")
        }
    }

    private mutating func add<Record: MessageView>(
        _ groups: [ResourceGroup<Record>], _ resourceTitle: String, _ scopeTitle: String,
        _ add: (inout DebugText, Record, Int) -> Void
    ) {
        for (index, group) in groups.enumerated() {
            line("\(resourceTitle) #\(index)")
            line("Resource SchemaURL: \(group.schemaURL)")
            attributes("Resource attributes", group.resource.attributes)
            count("Resource DroppedAttributesCount", group.resource.droppedAttributesCount)
            self.add(group.resource.entityRefs)
            for (index, scope) in group.scopes.enumerated() {
                line("\(scopeTitle) #\(index)")
                line("\(scopeTitle) SchemaURL: \(scope.schemaURL)")
                line("InstrumentationScope \(scope.scope.name) \(scope.scope.version)")
                attributes("InstrumentationScope attributes", scope.scope.attributes)
                count("InstrumentationScope DroppedAttributesCount", scope.scope.droppedAttributesCount)
                for (index, record) in scope.records.enumerated() { add(&self, record, index) }
            }
        }
    }

    private mutating func add(_ entities: Messages<EntityRefView>) {
        for (index, entity) in entities.enumerated() {
            if index == 0 { line("Resource entity refs:") }
            line("     -> Entity ref #\(index):")
            line("          -> Type: \(entity.type)")
            if !entity.schemaURL.isEmpty { line("          -> Schema URL: \(entity.schemaURL)") }
            keys("ID keys", entity.idKeys)
            keys("Description keys", entity.descriptionKeys)
        }
    }

    private mutating func keys(_ title: String, _ keys: [String]) {
        guard !keys.isEmpty else { return }
        line("          -> \(title):")
        for key in keys { line("               -> \(key)") }
    }
}
