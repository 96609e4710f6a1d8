"""The streams of Fivetran's Twitter Organic, table for table, from X's Ads API.

Source: https://fivetran.com/docs/connectors/applications/twitter.
"""
