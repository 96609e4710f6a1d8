#!/usr/bin/env bash
# Every report offline: lookups from a CSV and from messages, insights, engagement, an ads account, and the bill.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$PWD/${VENV:-.venv}/bin
ready=.sandbox/ready.json

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

# Meltano against the sandbox, without the log's measurements and the streams that a job does not read
meltano() {
  TAP_TWITTER_API_BASE_URL=$url TAP_TWITTER_API_ENGAGEMENT_URL=$url TAP_TWITTER_API_ADS_URL=$url \
    "$bin/meltano" --environment=sandbox "$@" 2>&1 | grep --line-buffered -v -e METRIC -e Skipping
}

say "Start the sandbox: a local X server with its own users, rate limits and bill"
mkdir -p .sandbox
rm -f "$ready"
PYTHONPATH=tests "$bin/python" -m sandbox --ready-file "$ready" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null || true' EXIT
for _ in {1..100}; do
  [ -e "$ready" ] && break
  kill -0 "$sandbox" || exit 1
  sleep 0.1
done
url=$("$bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["url"])' "$ready")

say "dataset import demo/people.csv --name 'Demo people'"
"$bin/dataset" import demo/people.csv --name 'Demo people' --replace

say "meltano run lookup"
meltano run lookup

say "meltano run messages lookup: the newest messages, and who wrote them"
TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID='["direct_messages", "direct_messages_sent"]' \
  meltano run messages lookup

say "dataset sql: messages with their senders' names"
"$bin/dataset" sql 'select m.created_at, u.username as sender, m.text
  from direct_messages m
  left join "Users lookup of direct_messages" u on u.requested_id = m.sender_id
  order by m.created_at desc limit 8'

say "meltano run insights: two accounts of the last 30 days, one's own and a competitor's"
TAP_TWITTER_ACCOUNTS='[{"username": "NorthwindTea"}, {"username": "PlatformNews"}]' \
  TAP_TWITTER_START_DATE=$("$bin/python" -c 'import datetime as d; print(d.date.today() - d.timedelta(30))') \
  meltano run insights

say "dataset sql: the accounts with their followers, and what their posts have reached"
"$bin/dataset" sql 'select a.username, a.followers_count, count(*) as posts,
    sum(t.like_count) as likes, sum(t.own_retweet_count) as reposts
  from account_insights a join tweet_insights t on t.account_id = a.account_id
  where a.date = (select max(date) from account_insights)
  group by a.username, a.followers_count order by likes desc'

say "meltano run engagement: how posts did from ten days ago up until five days ago"
TAP_TWITTER_ENGAGEMENT_DAYS_BACK_TO_START_FROM=10 TAP_TWITTER_ENGAGEMENT_DAYS_BACK_TO_END_AT=5 \
  meltano run engagement

say "dataset sql: impressions, clicks and replies of each of these days"
"$bin/dataset" sql "select date, sum(count) filter (where engagement_type = 'impressions') as impressions,
    sum(count) filter (where engagement_type = 'url_clicks') as clicks,
    sum(count) filter (where engagement_type = 'replies') as replies
  from historical_engagement where status = 'available' group by date order by date desc limit 6"

say "meltano run organic: the tables of Fivetran's Twitter Organic, of one ads account"
TAP_TWITTER_ORGANIC_SYNC_MODE=SpecificAccounts TAP_TWITTER_ORGANIC_ACCOUNTS='["18ce54d4x5t"]' \
  meltano run organic

say "dataset sql: the posts with the most impressions in the newest seven days"
"$bin/dataset" sql "select t.created_at, left(t.full_text, 40) as post, sum(r.impressions) as impressions,
    sum(r.engagements) as engagements
  from organic_tweet_report r join tweet t on t.id = r.organic_tweet_id
  where r.date > (select max(date) from organic_tweet_report) - interval '7' day
  group by t.id, t.created_at, t.full_text order by impressions desc limit 6"

say "dataset list"
"$bin/dataset" list

say "dataset report demo-report.html: charts of all of this, for a browser"
"$bin/dataset" report demo-report.html

say "dataset show 'Users lookup of Demo people'"
"$bin/dataset" show 'Users lookup of Demo people' --rows 12 \
  --columns requested_id,lookup_status,username,name,followers_count

say "dataset sql: what became of the 250 lines; what stands in several counts once"
"$bin/dataset" sql 'select lookup_status, count(*) as users, min(lookup_detail) as example
  from "Users lookup of Demo people" group by lookup_status order by users desc'

say "The bill: X charges for users that are found, for messages and for posts; engagement is a contract's"
"$bin/python" - "$url" <<'PY'
import json, sys, urllib.request

bill = json.load(urllib.request.urlopen(f"{sys.argv[1]}/sandbox/bill"))
for endpoint, line in bill["endpoints"].items():
    print(f"{endpoint:28} {line['requests']:3} requests {line['gross_objects']:5} objects")
total = bill["total"]
repeats = total["gross_objects"] - total["net_objects"]
print(f"{'Repeats of the day, free':28} {'':12} {-repeats:5} objects")
print(f"{'Total':28} {total['requests']:3} requests {total['net_objects']:5} objects,", end=" ")
print(f"{total['net_usd']:.2f} USD")
PY

say "The same in Domo, of which the sandbox is one, too: input and writeback are datasets there"
export DATASET_STORE=${url/http:/domo:}
export DATASET_STORE_OPTIONS='{"client_id": "11111111-2222-4333-8444-555555555555",
  "client_secret": "5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c"}'
"$bin/dataset" import demo/people.csv --name 'Demo people'
TAP_TWITTER_STORE=$DATASET_STORE TAP_TWITTER_STORE_OPTIONS=$DATASET_STORE_OPTIONS \
  TARGET_DOMO_STORE=$DATASET_STORE meltano run lookup-to-domo
"$bin/dataset" list
"$bin/dataset" show 'Users lookup of Demo people' --rows 3 --columns requested_id,lookup_status,username
