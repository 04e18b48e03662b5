internal import ArgumentParser

/// `apus fleet`: many collectors at once.
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Look at a fleet of collectors and change what they run, stage by stage.",
        discussion: """
              apus fleet serve                                    run the manager
              apus fleet status                                   how the fleet does
              apus fleet agents list --selector env=prod          who there is
              apus fleet configs push edge edge.yaml              a new revision; nobody runs it yet
              apus fleet rollouts start edge@2 --selector env=prod --plan careful --watch
              apus fleet rollouts rollback ID                     back to what they had
              apus fleet apply -f directory --prune               everything from a directory

            The token is that of `apus fleet tokens create`: $APUS_FLEET_TOKEN or --token-file.

            Exit codes: 0 done, 1 it was refused, failed, or a rollout that was watched did not succeed, \
            2 a document is wrong, 3 the manager cannot be reached, 4 it does not allow it, 5 a rollout that \
            was watched waits for a person, 64 the command line is wrong.
            """,
        subcommands: [
            FleetServeCommand.self, FleetStatusCommand.self, FleetSummaryCommand.self, AgentsCommand.self,
            VariantsCommand.self,
            GroupsCommand.self, ValuesCommand.self, ConfigsCommand.self, PackagesCommand.self,
            PlansCommand.self,
            RolloutsCommand.self, FleetEventsCommand.self, FleetApplyCommand.self, EnrollmentCommand.self,
            FleetTokensCommand.self, WhoAmICommand.self, FleetAuditCommand.self, WebhooksCommand.self,
            DutiesCommand.self, OperationsCommand.self, AuthorityCommand.self,
        ])
}
