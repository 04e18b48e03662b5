internal import Patterns
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// An instance of Amazon EC2, by its metadata service (IMDSv2).
public enum EC2Detector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "cloud.account.id": true, "cloud.availability_zone": true, "cloud.platform": true,
        "cloud.provider": true, "cloud.region": true, "host.id": true, "host.image.id": true,
        "host.name": true,
        "host.type": true,
    ]

    static func detect(
        _ surroundings: DetectorSurroundings, _ settings: ResourceDetection.EC2Settings
    ) async throws(DetectionFailure) -> Detected {
        let variable = surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")
        let endpoint =
            settings.endpoint.isEmpty ? variable ?? "http://169.254.169.254" : settings.endpoint
        let token = try await surroundings.ask(
            .init(
                method: "PUT", endpoint: endpoint, path: "/latest/api/token",
                fields: ["x-aws-ec2-metadata-token-ttl-seconds": "60"])
        ).string
        let fields: HTTPFields = ["x-aws-ec2-metadata-token": token]
        let document = try await surroundings.document(
            endpoint, "/latest/dynamic/instance-identity/document", fields)
        var detected = Detected()
        detected.add("cloud.provider", "aws")
        detected.add("cloud.platform", "aws_ec2")
        for (name, key) in [
            ("region", "cloud.region"), ("accountId", "cloud.account.id"),
            ("availabilityZone", "cloud.availability_zone"), ("instanceId", "host.id"),
            ("imageId", "host.image.id"), ("instanceType", "host.type"),
        ] {
            detected.add(key, document[name]?.text)
        }
        detected.add("host.name", try await surroundings.text(endpoint, "/latest/meta-data/hostname", fields))
        guard !settings.tags.isEmpty else { return detected }
        let patterns = settings.tags.compactMap { try? RegularExpression($0) }
        let path = "/latest/meta-data/tags/instance"
        let tags = try await known(surroundings, endpoint, path, fields) ?? ""
        for tag in tags.split(separator: "\n") {
            let name = String(tag)
            guard patterns.contains(where: { $0.matches(name) }) else { continue }
            detected.add(
                "ec2.tag.\(name)", try await known(surroundings, endpoint, "\(path)/\(name)", fields))
        }
        return detected
    }

    /// A text that the service may not know: an instance that does not allow its tags to be read has none.
    private static func known(
        _ surroundings: DetectorSurroundings, _ endpoint: String, _ path: String, _ fields: HTTPFields
    ) async throws(DetectionFailure) -> String? {
        do throws(DetectionFailure) {
            return try await surroundings.text(endpoint, path, fields)
        } catch .unknown {
            return nil
        }
    }
}

/// A task of Amazon ECS, by its metadata endpoint (version 4, or 3).
public enum ECSDetector: DetectorKind {
    public static let attributes: KeyValuePairs = [
        "aws.ecs.cluster.arn": true, "aws.ecs.launchtype": true, "aws.ecs.task.arn": true,
        "aws.ecs.task.family": true, "aws.ecs.task.id": true, "aws.ecs.task.revision": true,
        "cloud.account.id": true, "cloud.availability_zone": true, "cloud.platform": true,
        "cloud.provider": true, "cloud.region": true,
    ]

    static func detect(_ surroundings: DetectorSurroundings) async throws(DetectionFailure) -> Detected {
        guard
            let endpoint = surroundings.variable("ECS_CONTAINER_METADATA_URI_V4")
                ?? surroundings.variable("ECS_CONTAINER_METADATA_URI")
        else { throw .absent("ECS_CONTAINER_METADATA_URI_V4 is not set") }
        let task = try await surroundings.document(endpoint, "/task")
        var detected = Detected()
        detected.add("cloud.provider", "aws")
        detected.add("cloud.platform", "aws_ecs")
        let arn = task["TaskARN"]?.text ?? ""
        // arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        detected.add("aws.ecs.task.arn", arn)
        detected.add("aws.ecs.task.id", arn.split(separator: "/").last.map { String($0) })
        detected.add("aws.ecs.task.family", task["Family"]?.text)
        detected.add("aws.ecs.task.revision", task["Revision"]?.text)
        detected.add("aws.ecs.launchtype", task["LaunchType"]?.text?.lowercased())
        if parts.count > 5 {
            detected.add("cloud.region", parts[3])
            detected.add("cloud.account.id", parts[4])
        }
        if let cluster = task["Cluster"]?.text, !cluster.isEmpty {
            let isARN = cluster.hasPrefix("arn:") || parts.count < 6
            let prefix = parts.prefix(5).joined(separator: ":")
            detected.add("aws.ecs.cluster.arn", isARN ? cluster : "\(prefix):cluster/\(cluster)")
        }
        detected.add("cloud.availability_zone", task["AvailabilityZone"]?.text)
        return detected
    }
}
