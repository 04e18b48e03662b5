internal import Wire

extension Draft {
    /// What a draft is a draft of.
    public enum Kind: Sendable {
        case resource, scope, span, event, link, logRecord, metric
        case numberPoint, histogramPoint, exponentialHistogramPoint, summaryPoint

        /// The kind of place where it is.
        public var place: Places {
            switch self {
            case .resource: .resource
            case .scope: .scope
            case .metric: .metric
            case .event: .event
            case .link: .link
            default: .record
            }
        }

        /// Number of the field that holds the attributes (the metadata of a metric).
        var attributesField: Int {
            switch self {
            case .resource, .exponentialHistogramPoint: 1
            case .scope, .event: 3
            case .link: 4
            case .logRecord: 6
            case .numberPoint, .summaryPoint: 7
            case .span, .histogramPoint: 9
            case .metric: 12
            }
        }

        /// Its message.
        var message: MessageKind {
            switch self {
            case .resource: .resource
            case .scope: .scope
            case .span: .span
            case .event: .event
            case .link: .link
            case .logRecord: .logRecord
            case .metric: .metric
            case .numberPoint: .numberPoint
            case .histogramPoint: .histogramPoint
            case .exponentialHistogramPoint: .exponentialPoint
            case .summaryPoint: .summaryPoint
            }
        }

        /// The fields of which a message has one, if `number` is among them.
        func alternatives(to number: Int) -> [Int] {
            let all: [Int] =
                switch self {
                case .metric: [5, 7, 9, 10, 11]
                case .numberPoint: [4, 6]
                default: []
                }
            return all.contains(number) ? all : []
        }

        /// Whether field `number` of a metric is its data.
        func holdsData(_ number: Int) -> Bool { number == 5 || number == 7 || (9...11).contains(number) }

        /// The kind of the data points in field `number` of a metric.
        init(pointsIn number: Int) {
            switch number {
            case 9: self = .histogramPoint
            case 10: self = .exponentialHistogramPoint
            case 11: self = .summaryPoint
            default: self = .numberPoint
            }
        }
    }
}

/// The drafts of one rewriting, each used again and again.
final class DraftSet {
    let resource: Draft
    let scope: Draft
    let record: Draft
    let inner: Draft

    /// What edits may still make of the batch.
    let room: RewritingRoom

    init(_ signal: Signal, additionLimit: Int) {
        room = RewritingRoom(additionLimit: additionLimit)
        resource = Draft(.resource, parent: nil, signal: signal, room: room)
        scope = Draft(.scope, parent: resource)
        let kind: Draft.Kind =
            switch signal {
            case .metrics: .metric
            case .logs: .logRecord
            default: .span
            }
        record = Draft(kind, parent: scope)
        inner = Draft(.event, parent: record)
    }

    /// Turns to another chunk; `base` is where its bytes are and stays valid until the next call.
    func turn(to source: Bytes, at base: UnsafePointer<UInt8>?) {
        resource.turn(to: source, at: base)
        scope.turn(to: source, at: base)
        record.turn(to: source, at: base)
        inner.turn(to: source, at: base)
    }
}
