import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

@Suite struct ResourceDetectionTests {
    /// What detectors find with some variables and files, and with a clock and clients that are real.
    private func detect(
        _ yaml: String, variables: [String: String] = [:], files: [String: String] = [:],
        host: HostFacts = HostFacts(), names: HostNames = HostNames()
    ) async throws -> (attributes: Attributes, failures: [String]) {
        let context = Harness().context(.processor, "resource_detection")
        var surroundings = DetectorSurroundings.machine(context, timeout: .seconds(5))
        surroundings.variable = { variables[$0] }
        surroundings.file = { files[$0] }
        surroundings.host = { host }
        surroundings.names = { _ in names }
        let configuration = try ResourceDetection.Configuration.decode(yaml: yaml)
        let result = await Detection.detect(configuration, surroundings, context)
        var batch = Batch.one(.logs, [:])
        batch.rewrite(.resource) { draft in for attribute in result.attributes { draft.set(attribute) } }
        return (batch.resourceAttributes.first ?? [:], result.failures.map { $0.name.rawValue })
    }

    private static let environments: [(String, Attributes)] = [
        ("a=1,b = two ,c=x=y,d=%20%C3%BC", ["a": "1", "b": "two", "c": "x=y", "d": " ü"]),
        ("", [:]),
        ("service.name=shop", ["service.name": "shop"]),
    ]

    @Test(arguments: environments)
    func `attributes come from the environment`(_ text: String, _ expected: Attributes) async throws {
        let found = try await detect("detectors: [env]", variables: ["OTEL_RESOURCE_ATTRIBUTES": text])
        #expect(found.attributes == expected && found.failures.isEmpty)
    }

    @Test func `an environment that is none is a failure`() async throws {
        let found = try await detect("detectors: [env]", variables: ["OTEL_RESOURCE_ATTRIBUTES": "a"])
        #expect(found.failures == ["env"])
    }

    private static let host = HostFacts(
        name: "box", system: "Linux 6.1", machine: "x86_64",
        addresses: ["10.1.2.3"], hardwareAddresses: ["AC-DE-48-23-45-67"], processID: 42,
        executable: "/usr/bin/apus", user: "otel")

    private static let names = HostNames(canonicalName: "box.example.com", nameOfAddress: "box.lan")

    private static let machines: [(String, Attributes)] = [
        ("{detectors: [system]}", ["host.name": "box.example.com", "os.type": "linux"]),
        (
            "{detectors: [system], system: {hostname_sources: [os]}}",
            ["host.name": "box", "os.type": "linux"]
        ),
        (
            "{detectors: [system], system: {hostname_sources: [lookup, os]}}",
            ["host.name": "box.lan", "os.type": "linux"]
        ),
        (
            """
            {detectors: [system], system: {resource_attributes: {host.name: {enabled: false},
              os.type: {enabled: false}, host.id: {enabled: true}, host.arch: {enabled: true},
              host.ip: {enabled: true}, host.mac: {enabled: true}, host.cpu.model.name: {enabled: true},
              host.cpu.cache.l2.size: {enabled: true}}}}
            """,
            [
                "host.id": "abc", "host.arch": "amd64", "host.ip": ["10.1.2.3"],
                "host.mac": ["AC-DE-48-23-45-67"],
                "host.cpu.model.name": "Fast CPU", "host.cpu.cache.l2.size": 512,
            ]
        ),
        (
            "{detectors: [process]}",
            [
                "process.pid": 42, "process.executable.name": "apus",
                "process.executable.path": "/usr/bin/apus",
                "process.owner": "otel",
            ]
        ),
    ]

    @Test(arguments: machines)
    func `attributes come from the machine`(_ yaml: String, _ expected: Attributes) async throws {
        let files = [
            "/etc/machine-id": "abc\n",
            "/proc/cpuinfo": "model name\t: Fast CPU\ncache size\t: 512 KB\n",
        ]
        let found = try await detect(yaml, files: files, host: Self.host, names: Self.names)
        #expect(found.attributes == expected)
    }

    @Test(arguments: [
        "{detectors: [process]}", "{detectors: [system], system: {hostname_sources: [os, dns]}}",
    ])
    func `the resolver is not asked for what nobody wants to know`(_ yaml: String) async throws {
        let context = Harness().context(.processor, "resource_detection")
        var surroundings = DetectorSurroundings.machine(context, timeout: .seconds(5))
        surroundings.host = { Self.host }
        surroundings.names = { name in
            Issue.record("the resolver is asked for \(name)")
            return HostNames()
        }
        let configuration = try ResourceDetection.Configuration.decode(yaml: yaml)
        let result = await Detection.detect(configuration, surroundings, context)
        #expect(!result.attributes.isEmpty)
    }

    @Test func `the machine of the tests can be looked at`() {
        let facts = HostFacts.current
        #expect(!facts.name.isEmpty && facts.system.hasPrefix("Linux") && facts.processID > 0)
        #expect(facts.executable.hasPrefix("/"))
    }

    @Test func `the first detector that gives an attribute counts`() async throws {
        let found = try await detect(
            "detectors: [env, system]", variables: ["OTEL_RESOURCE_ATTRIBUTES": "host.name=mine"],
            host: Self.host)
        #expect(found.attributes == ["host.name": "mine", "os.type": "linux"])
    }

    @Test func `dynos and functions say what they are in variables`() async throws {
        let dyno = try await detect(
            "detectors: [heroku]",
            variables: ["HEROKU_DYNO_ID": "d", "HEROKU_APP_NAME": "shop", "HEROKU_SLUG_COMMIT": "c0ffee"])
        #expect(
            dyno.attributes == [
                "cloud.provider": "heroku", "service.instance.id": "d", "service.name": "shop",
                "heroku.release.commit": "c0ffee",
            ])
        let function = try await detect(
            "detectors: [lambda]",
            variables: [
                "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_REGION": "eu-west-1", "AWS_LAMBDA_LOG_STREAM_NAME": "s",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            ])
        #expect(
            function.attributes == [
                "cloud.provider": "aws", "cloud.platform": "aws_lambda", "cloud.region": "eu-west-1",
                "faas.name": "f", "faas.instance": "s", "faas.max_memory": "128",
                "aws.log.stream.names": ["s"],
            ])
        #expect(try await detect("detectors: [heroku, lambda]").failures == ["heroku", "lambda"])
    }

    // MARK: - Metadata services

    @Test func `EC2 gives a token, a document and tags`() async throws {
        let document = """
            {"accountId": "123", "region": "us-west-2", "availabilityZone": "us-west-2b", "instanceId": "i-1",
            "imageId": "ami-1", "instanceType": "t3.large"}
            """
        let server = try await MetadataServer(
            [
                "PUT /latest/api/token": "secret", "GET /latest/dynamic/instance-identity/document": document,
                "GET /latest/meta-data/hostname": "ip-10-0-0-1",
                "GET /latest/meta-data/tags/instance": "team\nother",
                "GET /latest/meta-data/tags/instance/team": "shop",
            ], needs: ("x-aws-ec2-metadata-token", "secret"))
        let found = try await detect(
            "{detectors: [ec2], ec2: {endpoint: '\(server.url)', tags: ['^t'], tags_from_imds: true}}")
        #expect(
            found.attributes == [
                "cloud.provider": "aws", "cloud.platform": "aws_ec2", "cloud.region": "us-west-2",
                "cloud.account.id": "123", "cloud.availability_zone": "us-west-2b", "host.id": "i-1",
                "host.image.id": "ami-1", "host.type": "t3.large", "host.name": "ip-10-0-0-1",
                "ec2.tag.team": "shop",
            ])
        let variable = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url]
        let other = try await detect("detectors: [ec2]", variables: variable)
        #expect(other.attributes["host.id"] == "i-1" && other.attributes["ec2.tag.team"] == nil)
        await server.stop()
    }

    @Test func `an EC2 instance whose tags must not be read gives the rest`() async throws {
        let server = try await MetadataServer([
            "PUT /latest/api/token": "secret",
            "GET /latest/dynamic/instance-identity/document": #"{"instanceId": "i-1"}"#,
            "GET /latest/meta-data/hostname": "ip-10-0-0-1",
        ])
        let found = try await detect(
            "{detectors: [ec2], ec2: {endpoint: '\(server.url)', tags: ['^t'], tags_from_imds: true}}")
        #expect(found.failures.isEmpty)
        #expect(found.attributes["host.id"] == "i-1" && found.attributes["host.name"] == "ip-10-0-0-1")
        await server.stop()
    }

    @Test func `ECS gives a task`() async throws {
        let task = """
            {"Cluster": "prod", "TaskARN": "arn:aws:ecs:us-west-2:111122223333:task/prod/158d",
            "Family": "shop", "Revision": "26", "LaunchType": "FARGATE", "AvailabilityZone": "us-west-2a"}
            """
        let server = try await MetadataServer(["GET /v4/x/task": task])
        let found = try await detect(
            "detectors: [ecs]", variables: ["ECS_CONTAINER_METADATA_URI_V4": "\(server.url)/v4/x"])
        #expect(
            found.attributes == [
                "cloud.provider": "aws", "cloud.platform": "aws_ecs", "cloud.region": "us-west-2",
                "cloud.account.id": "111122223333", "cloud.availability_zone": "us-west-2a",
                "aws.ecs.task.arn": "arn:aws:ecs:us-west-2:111122223333:task/prod/158d",
                "aws.ecs.task.id": "158d",
                "aws.ecs.task.family": "shop", "aws.ecs.task.revision": "26", "aws.ecs.launchtype": "fargate",
                "aws.ecs.cluster.arn": "arn:aws:ecs:us-west-2:111122223333:cluster/prod",
            ])
        await server.stop()
    }

    private static let platforms: [([String: String], Attributes)] =
        [
            (
                [:],
                [
                    "cloud.platform": "gcp_compute_engine", "cloud.region": "us-central1",
                    "cloud.availability_zone": "us-central1-c", "host.id": "77", "host.name": "vm",
                    "host.type": "n2",
                ]
            ),
            (
                ["KUBERNETES_SERVICE_HOST": "10.0.0.1"],
                [
                    "cloud.platform": "gcp_kubernetes_engine", "cloud.region": "us-central1", "host.id": "77",
                    "host.name": "vm", "k8s.cluster.name": "k",
                ]
            ),
            (
                ["K_SERVICE": "svc", "K_REVISION": "r1"],
                [
                    "cloud.platform": "gcp_cloud_run", "cloud.region": "us-central1", "faas.name": "svc",
                    "faas.version": "r1", "faas.instance": "77",
                ]
            ),
        ]

    @Test(arguments: platforms)
    func `Google Cloud says which of its platforms it is`(
        _ variables: [String: String], _ expected: Attributes
    ) async throws {
        let server = try await MetadataServer(
            [
                "GET "
                    + "/computeMetadata/v1/project/project-id": "my-project",
                "GET /computeMetadata/v1/instance/id": "77",
                "GET /computeMetadata/v1/instance/name": "vm",
                "GET /computeMetadata/v1/instance/zone": "projects/1/zones/us-central1-c",
                "GET /computeMetadata/v1/instance/hostname": "vm.internal",
                "GET /computeMetadata/v1/instance/machine-type": "projects/1/machineTypes/n2",
                "GET /computeMetadata/v1/instance/region": "projects/1/regions/us-central1",
                "GET /computeMetadata/v1/instance/attributes/cluster-name": "k",
                "GET /computeMetadata/v1/instance/attributes/cluster-location": "us-central1",
            ], needs: ("metadata-flavor", "Google"))
        let found = try await detect(
            "{detectors: [gcp], gcp: {endpoint: '\(server.url)'}}", variables: variables)
        let common: Attributes = ["cloud.provider": "gcp", "cloud.account.id": "my-project"]
        #expect(found.attributes == expected.merging(common) { first, _ in first })
        await server.stop()
    }

    @Test func `Azure says what a machine is, and of which cluster`() async throws {
        let compute = """
            {"name": "vm1", "location": "eastus", "vmId": "id1", "vmSize": "D2", "subscriptionId": "sub",
            "resourceGroupName": "MC_group_cluster_eastus", "vmScaleSetName": "",
            "tagsList": [{"name": "team", "value": "shop"}, {"name": "x", "value": "y"}]}
            """
        let server = try await MetadataServer(
            [
                "GET /metadata/instance/compute?api-version=2020-09-01&format=json": compute
            ], needs: ("metadata", "True"))
        let found = try await detect(
            "{detectors: [azure], azure: {endpoint: '\(server.url)', tags: ['^team$']}}")
        #expect(
            found.attributes == [
                "cloud.provider": "azure", "cloud.platform": "azure_vm", "host.name": "vm1", "host.id": "id1",
                "cloud.region": "eastus", "cloud.account.id": "sub", "azure.vm.name": "vm1",
                "azure.vm.size": "D2",
                "azure.resourcegroup.name": "MC_group_cluster_eastus", "azure.tags.team": "shop",
            ])
        let cluster = try await detect(
            "{detectors: [aks], aks: {endpoint: '\(server.url)', resource_attributes: {k8s.cluster.name:"
                + " {enabled: true}}}}", variables: ["KUBERNETES_SERVICE_HOST": "10.0.0.1"])
        #expect(
            cluster.attributes == [
                "cloud.provider": "azure", "cloud.platform": "azure_aks", "k8s.cluster.name": "cluster",
            ])
        await server.stop()
    }

    @Test func `DigitalOcean, Hetzner and Docker`() async throws {
        let server = try await MetadataServer([
            "GET /metadata/v1.json": #"{"droplet_id": 99, "hostname": "drop", "region": "fra1"}"#,
            "GET /hetzner/v1/metadata/instance-id": "42", "GET /hetzner/v1/metadata/hostname": "hz",
            "GET /hetzner/v1/metadata/region": "eu-central",
            "GET /hetzner/v1/metadata/availability-zone": "hel1-dc2",
            "GET /info": #"{"Name": "dockerhost", "OSType": "Linux"}"#,
            "GET /containers/box/json": #"{"Name": "/otel", "Config": {"Image": "apus:1"}}"#,
        ])
        let url = server.url
        #expect(
            try await detect("{detectors: [digitalocean], digitalocean: {endpoint: '\(url)'}}").attributes
                == [
                    "cloud.provider": "digitalocean", "cloud.region": "fra1", "host.id": "99",
                    "host.name": "drop",
                ])
        #expect(
            try await detect("{detectors: [hetzner], hetzner: {endpoint: '\(url)'}}").attributes == [
                "cloud.provider": "hetzner", "cloud.region": "eu-central",
                "cloud.availability_zone": "hel1-dc2",
                "host.id": "42", "host.name": "hz",
            ])
        let docker = try await detect(
            """
            {detectors: [docker], docker: {endpoint: '\(url)', resource_attributes:
              {container.name: {enabled: true}, container.image.name: {enabled: true}}}}
            """, host: Self.host)
        #expect(
            docker.attributes == [
                "host.name": "dockerhost", "os.type": "linux", "container.name": "otel",
                "container.image.name": "apus:1",
            ])
        await server.stop()
    }

    @Test func `a service that is not there or says nonsense is a failure with its reason`() async throws {
        let server = try await MetadataServer(["GET /info": "not json"])
        #expect(
            try await detect("{detectors: [docker], docker: {endpoint: '\(server.url)'}}").failures == [
                "docker"
            ])
        #expect(
            try await detect("{detectors: [ec2], ec2: {endpoint: 'http://127.0.0.1:1'}}").failures == ["ec2"])
        await server.stop()
    }
}
