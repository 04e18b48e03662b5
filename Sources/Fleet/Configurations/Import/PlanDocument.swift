internal import Settings

/// A named plan as the store has it: what it says as it was written, and where it came from.
struct PlanDocument {
    var spec: Tree
    /// The set of files it was imported from; empty for one that was not.
    var source = ""

    var body: Tree { .table(["spec": spec, "source": .text(source)]) }
}
