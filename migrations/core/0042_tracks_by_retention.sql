-- Tracks go by the days of `retention.positionsDays`, where holds are respected (0071).
drop function expire_tracks(timestamptz);
